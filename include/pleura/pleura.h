#ifndef PLEURA_PLEURA_H
#define PLEURA_PLEURA_H
/**
 * pleura for C (C99) and for languages that call C: read a CT, load weights, screen, write the result. Research use
 * only.
 *
 * Units     mm, Hounsfield units, litres. Sizes, spacings and voxel indices are in the order (z, y, x); points of the
 * world in the order (x, y, z), LPS. include/pleura/volume.hpp says more. Errors    Functions that can fail return a
 * pleura_status; what went wrong is one line from pleura_last_error(). An output argument is set to NULL on failure.
 * Ownership Handles are made by functions with an output argument and freed by the _free function of their kind, which
 *           accepts NULL. Strings and arrays returned belong to the handle they came from and live as long as it does.
 * Text      All paths and strings are UTF-8.
 * Threads   Any function may be called from any thread; one handle serves one thread at a time.
 * fork()    An engine made before is refused in the child (PLEURA_USAGE), which makes its own.
 * ABI       A program built with these headers runs on each later library of the same soname, libpleura.so.MAJOR.MINOR
 *           before 1.0: functions are added, none changes. Option structs grow at their end and begin with their size,
 *           which their _default function sets; a program that knows fewer options gets the defaults of the others. A
 *           library that knows fewer refuses one that is set. Other structs stay as they are.
 */
#include <stddef.h>
#include <stdint.h>

#include "pleura/export.h"
#include "pleura/version.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What kind of failure; also the exit codes of the command. */
typedef enum pleura_status {
  PLEURA_DONE = 0,
  PLEURA_USAGE = 1,           /**< the call is wrong */
  PLEURA_INPUT_REFUSED = 2,   /**< the CT cannot be screened */
  PLEURA_WEIGHTS_REFUSED = 3, /**< the weights file cannot be used */
  PLEURA_RESOURCES = 4,       /**< memory, disk or device is missing */
  PLEURA_INTERNAL = 5         /**< a defect of pleura */
} pleura_status;

/** The library's version, such as "0.1.0". Never freed. */
PLEURA_API const char* pleura_version(void);
/** The same as a number, to be compared with PLEURA_VERSION_NUMBER, the headers'. */
PLEURA_API int pleura_version_number(void);

/** One line about this thread's last failure; "" where there was none. Valid until this thread's next call that can
 * fail. */
PLEURA_API const char* pleura_last_error(void);

/* ---- a CT -------------------------------------------------------------------------------------------------------- */

/** A CT in memory: int16 HU with geometry. */
typedef struct pleura_volume pleura_volume;

/**
 * Reads the CT at a path: a folder of DICOM files, a DICOM, NIfTI, MetaImage or NRRD file. series_uid chooses a DICOM
 * series; NULL or "" leaves the choice to the rules. threads: 0 for one per core.
 */
PLEURA_API pleura_status pleura_volume_read(const char* path, const char* series_uid, int threads,
                                            pleura_volume** volume);

/**
 * Copies voxels, hu[(z * shape[1] + y) * shape[2] + x], that are already turned: z rises towards the head, y towards
 * the back, x towards the patient's left. spacing in mm; origin: the world point of voxel (0, 0, 0).
 */
PLEURA_API pleura_status pleura_volume_create(const int16_t* hu, const int64_t shape[3], const double spacing[3],
                                              const double origin[3], pleura_volume** volume);

PLEURA_API void pleura_volume_shape(const pleura_volume* volume, int64_t shape[3]);
PLEURA_API void pleura_volume_spacing(const pleura_volume* volume, double spacing[3]);
PLEURA_API const int16_t* pleura_volume_hu(const pleura_volume* volume);
PLEURA_API void pleura_volume_free(pleura_volume* volume);

/* ---- an engine --------------------------------------------------------------------------------------------------- */

/** Networks with their weights, made ready for a device. */
typedef struct pleura_engine pleura_engine;

/** The CPU has PLEURA_FP32 and PLEURA_BF16, CUDA devices PLEURA_FP32 and PLEURA_FP16. */
typedef enum pleura_precision { PLEURA_FP32 = 0, PLEURA_BF16 = 1, PLEURA_FP16 = 2 } pleura_precision;
/** Pleura's own; NVIDIA's cuDNN and cuBLASLt where they have a way for a layer, refused where they cannot be had; or
   the one thought faster. */
typedef enum pleura_kernels { PLEURA_NATIVE = 0, PLEURA_CUDNN = 1, PLEURA_ANY = 2 } pleura_kernels;
typedef enum pleura_classifier { PLEURA_M1 = 1, PLEURA_M2 = 2 } pleura_classifier;

typedef struct pleura_engine_options {
  size_t size;           /**< of this struct, in bytes, as the caller knows it */
  const char* device;    /**< "cpu" or NULL; "reference": slow, for checks; "cuda": the current CUDA device; "cuda:1";
                              "auto": "cuda" where a GPU can be used, else "cpu" */
  uint64_t memory_bytes; /**< bound on the memory of the whole process, never changes a result; 0: three quarters of
                              what the machine, its cgroup and the resource limits allow */
  pleura_precision precision;
  pleura_classifier classifier;
  int threads; /**< 0: one per core */
  pleura_kernels kernels;
  int tune;               /**< not 0: kernels by measurement, kept in tune_cache; the JSON's run.tuning tells of it */
  const char* tune_cache; /**< the file, in UTF-8; NULL: tuning.json in $PLEURA_CACHE, $XDG_CACHE_HOME/pleura or
                               $HOME/.cache/pleura */
} pleura_engine_options;

/** Fills a struct of `size` bytes: CPU, fp32, M2, one thread per core, the default bound, native kernels, chosen
   without measuring. */
PLEURA_API void pleura_engine_options_init(pleura_engine_options* options, size_t size);
static inline pleura_engine_options pleura_engine_options_default(void) {
  pleura_engine_options options;
  pleura_engine_options_init(&options, sizeof options);
  return options;
}

/** Loads a weights file. options: NULL for the defaults; fails with PLEURA_USAGE for a size that no version had. */
PLEURA_API pleura_status pleura_engine_create(const char* weights, const pleura_engine_options* options,
                                              pleura_engine** engine);
PLEURA_API void pleura_engine_free(pleura_engine* engine);

/* ---- screening --------------------------------------------------------------------------------------------------- */

/** What a screening found. */
typedef struct pleura_screening pleura_screening;

typedef struct pleura_screen_options {
  size_t size;         /**< of this struct, in bytes, as the caller knows it */
  double threshold;    /**< drops proposals below this probability; negative: what the weights file says */
  int64_t max_regions; /**< keeps this many of the best; negative: what the weights file says */
} pleura_screen_options;

/** Fills a struct of `size` bytes: what the weights file says. */
PLEURA_API void pleura_screen_options_init(pleura_screen_options* options, size_t size);
static inline pleura_screen_options pleura_screen_options_default(void) {
  pleura_screen_options options;
  pleura_screen_options_init(&options, sizeof options);
  return options;
}

/** Called from the calling thread as work proceeds: the stage, how much of all work is done (0 to 1), and `user`. */
typedef void (*pleura_progress)(const char* stage, double done, void* user);

/** Screens a CT, which stays the caller's. options: NULL for the defaults. progress: may be NULL. */
PLEURA_API pleura_status pleura_engine_screen(pleura_engine* engine, const pleura_volume* volume,
                                              const pleura_screen_options* options, pleura_progress progress,
                                              void* user, pleura_screening** screening);

typedef enum pleura_label { PLEURA_COVID19 = 0, PLEURA_INFLUENZA_A = 1, PLEURA_IRRELEVANT = 2 } pleura_label;
typedef enum pleura_case_label {
  PLEURA_CASE_NO_INFECTION_FOUND = 0,
  PLEURA_CASE_COVID19 = 1,
  PLEURA_CASE_INFLUENZA_A = 2
} pleura_case_label;

/** The case (paper 2.6.2). */
typedef struct pleura_case {
  pleura_case_label result;
  double confidence;               /**< what the paper exports for the result; 0 where no infection is found */
  double p_covid19, p_influenza_a; /**< Noisy-OR over the regions of each type */
  double s_covid19, s_influenza_a; /**< their softmax, or P itself where one is 0 */
  double p_infection;              /**< of either type: 1 - (1 - p_covid19)(1 - p_influenza_a) */
} pleura_case;

/** One region that was classified. */
typedef struct pleura_region {
  pleura_label label;
  double confidence;
  int64_t low[3], high[3];      /**< voxels (z, y, x), half open */
  double low_mm[3], high_mm[3]; /**< world (x, y, z) */
  double distance_from_edge;    /**< relative (paper 2.5.1) */
} pleura_region;

PLEURA_API pleura_case pleura_screening_case(const pleura_screening* screening);
PLEURA_API size_t pleura_screening_regions(const pleura_screening* screening);
/** Region `index`, the infected ones first; fails with PLEURA_USAGE beyond the last. */
PLEURA_API pleura_status pleura_screening_region(const pleura_screening* screening, size_t index,
                                                 pleura_region* region);
/** Litres of the patient's left and right lung. */
PLEURA_API void pleura_screening_lungs_litres(const pleura_screening* screening, double* left, double* right);
/** Per voxel of the CT: 0 outside the lungs, 1 left, 2 right. */
PLEURA_API const uint8_t* pleura_screening_lungs(const pleura_screening* screening);
/** What a result shows of where its CT comes from. */
typedef enum pleura_disclosure {
  PLEURA_ANONYMOUS = 0, /**< no path, UID, date, name or free text */
  PLEURA_USUAL = 1,     /**< all but the next; the default */
  PLEURA_IDENTIFIED = 2 /**< also the patient's name and id, and the accession number */
} pleura_disclosure;
/** Decides what the JSON and the written files show from now on; earlier pleura_screening_json texts end. */
PLEURA_API pleura_status pleura_screening_disclose(pleura_screening* screening, pleura_disclosure disclosure);
/** Everything, as the text of result.json (docs/result.schema.json); only the written file has the time of writing. */
PLEURA_API const char* pleura_screening_json(const pleura_screening* screening);
/** What pleura_screening_write writes besides result.json; flags are added. */
typedef enum pleura_write_flags {
  PLEURA_WRITE_MASKS = 1,      /**< also the masks, as NIfTI */
  PLEURA_WRITE_NO_PICTURES = 2 /**< no pictures; a build without them refuses all else */
} pleura_write_flags;
/** Writes result.json and the pictures into a folder, or what else the flags say (0: none); fails with PLEURA_USAGE for
 * others. Whoever sees result.json there sees all the rest. */
PLEURA_API pleura_status pleura_screening_write(const pleura_screening* screening, const char* folder, unsigned flags);
PLEURA_API void pleura_screening_free(pleura_screening* screening);

#ifdef __cplusplus
}
#endif

#endif /* PLEURA_PLEURA_H */
