/* Screens a CT through the C API: screen_c CT WEIGHTS.h5 FOLDER */
#include <stdio.h>

#include "pleura/pleura.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: screen_c CT WEIGHTS.h5 FOLDER\n");
    return PLEURA_USAGE;
  }
  pleura_volume* volume = NULL;
  pleura_engine* engine = NULL;
  pleura_screening* screening = NULL;
  pleura_status status = pleura_engine_create(argv[2], NULL, &engine);
  if (status == PLEURA_DONE) status = pleura_volume_read(argv[1], NULL, 0, &volume);
  if (status == PLEURA_DONE) status = pleura_engine_screen(engine, volume, NULL, NULL, NULL, &screening);
  if (status == PLEURA_DONE) status = pleura_screening_write(screening, argv[3], 0);
  if (status == PLEURA_DONE) printf("%s\n", pleura_screening_json(screening));
  if (status != PLEURA_DONE) fprintf(stderr, "%s\n", pleura_last_error());
  pleura_screening_free(screening);
  pleura_volume_free(volume);
  pleura_engine_free(engine);
  return status;
}
