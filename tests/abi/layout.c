/* Prints where the members of pleura.h's structs lie, and the numbers of its enumerations. */
#include <stddef.h>
#include <stdio.h>

#include "pleura/pleura.h"

#define STRUCT(type) printf("%s %zu\n", #type, sizeof(type))
#define MEMBER(type, member) printf("  %s %zu %zu\n", #member, offsetof(type, member), sizeof(((type*)0)->member))
#define NUMBER(name) printf("%s %d\n", #name, (int)(name))

int main(void) {
  STRUCT(pleura_engine_options);
  MEMBER(pleura_engine_options, size);
  MEMBER(pleura_engine_options, device);
  MEMBER(pleura_engine_options, memory_bytes);
  MEMBER(pleura_engine_options, precision);
  MEMBER(pleura_engine_options, classifier);
  MEMBER(pleura_engine_options, threads);
  MEMBER(pleura_engine_options, kernels);
  MEMBER(pleura_engine_options, tune);
  MEMBER(pleura_engine_options, tune_cache);
  STRUCT(pleura_screen_options);
  MEMBER(pleura_screen_options, size);
  MEMBER(pleura_screen_options, threshold);
  MEMBER(pleura_screen_options, max_regions);
  STRUCT(pleura_case);
  MEMBER(pleura_case, result);
  MEMBER(pleura_case, confidence);
  MEMBER(pleura_case, p_covid19);
  MEMBER(pleura_case, p_influenza_a);
  MEMBER(pleura_case, s_covid19);
  MEMBER(pleura_case, s_influenza_a);
  MEMBER(pleura_case, p_infection);
  STRUCT(pleura_region);
  MEMBER(pleura_region, label);
  MEMBER(pleura_region, confidence);
  MEMBER(pleura_region, low);
  MEMBER(pleura_region, high);
  MEMBER(pleura_region, low_mm);
  MEMBER(pleura_region, high_mm);
  MEMBER(pleura_region, distance_from_edge);
  NUMBER(PLEURA_DONE);
  NUMBER(PLEURA_USAGE);
  NUMBER(PLEURA_INPUT_REFUSED);
  NUMBER(PLEURA_WEIGHTS_REFUSED);
  NUMBER(PLEURA_RESOURCES);
  NUMBER(PLEURA_INTERNAL);
  NUMBER(PLEURA_FP32);
  NUMBER(PLEURA_BF16);
  NUMBER(PLEURA_FP16);
  NUMBER(PLEURA_NATIVE);
  NUMBER(PLEURA_CUDNN);
  NUMBER(PLEURA_ANY);
  NUMBER(PLEURA_M1);
  NUMBER(PLEURA_M2);
  NUMBER(PLEURA_COVID19);
  NUMBER(PLEURA_INFLUENZA_A);
  NUMBER(PLEURA_IRRELEVANT);
  NUMBER(PLEURA_CASE_NO_INFECTION_FOUND);
  NUMBER(PLEURA_CASE_COVID19);
  NUMBER(PLEURA_CASE_INFLUENZA_A);
  NUMBER(PLEURA_ANONYMOUS);
  NUMBER(PLEURA_USUAL);
  NUMBER(PLEURA_IDENTIFIED);
  NUMBER(PLEURA_WRITE_MASKS);
  NUMBER(PLEURA_WRITE_NO_PICTURES);
  return 0;
}
