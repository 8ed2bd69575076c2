/* A folder of CTs in, a line of JSON for each out, no file written: appliance FOLDER WEIGHTS.h5 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "pleura/pleura.h"

/* Line breaks of JSON stand between its parts only. */
static void print_line(const char* json) {
  for (; *json; ++json) putchar(*json == '\n' ? ' ' : *json);
  putchar('\n');
}

/* Of one CT: its result, or why there is none. */
static void screen(pleura_engine* engine, const char* path) {
  pleura_volume* volume = NULL;
  pleura_screening* screening = NULL;
  pleura_status status = pleura_volume_read(path, NULL, 0, &volume);
  if (status == PLEURA_DONE) status = pleura_engine_screen(engine, volume, NULL, NULL, NULL, &screening);
  if (status == PLEURA_DONE) {
    print_line(pleura_screening_json(screening));
  } else {
    printf("{\"status\": %d, \"refused\": \"", (int)status);
    for (const char* c = pleura_last_error(); *c; ++c) printf(strchr("\"\\", *c) ? "\\%c" : "%c", *c);
    printf("\"}\n");
  }
  fflush(stdout);
  pleura_screening_free(screening);
  pleura_volume_free(volume);
}

int main(int argc, char** argv) {
  DIR* folder = argc == 3 ? opendir(argv[1]) : NULL;
  pleura_engine* engine = NULL;
  if (!folder || pleura_engine_create(argv[2], NULL, &engine) != PLEURA_DONE) {
    fprintf(stderr, "usage: appliance FOLDER WEIGHTS.h5\n%s\n", pleura_last_error());
    return PLEURA_USAGE;
  }
  for (struct dirent* entry; (entry = readdir(folder));) {
    char path[4096];
    if (entry->d_name[0] == '.') continue;
    if (snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name) < (int)sizeof path) screen(engine, path);
  }
  closedir(folder);
  pleura_engine_free(engine);
  return PLEURA_DONE;
}
