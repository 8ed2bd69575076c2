#ifndef PLEURA_EXPORT_H
#define PLEURA_EXPORT_H

/** What a shared libpleura lets others call; all else in it is hidden. */
#if defined(__GNUC__)
#define PLEURA_API __attribute__((visibility("default")))
#else
#define PLEURA_API
#endif

#endif /* PLEURA_EXPORT_H */
