/// The small texts of evaluation and training; the first byte chooses: boxes, a truth, a record (JSON), a cohort (CSV).
#include "api/extract_file.hpp"
#include "evaluate/cohort.hpp"
#include "evaluate/record.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace pleura;

PLEURA_FUZZ_TARGET {
  static const fuzz::Folder folder;
  const int which = fuzz::take_byte(data) % 4;
  const auto file = folder.write("a.txt", data);
  if (which == 0) (void)api::read_boxes(file);
  if (which == 1) (void)evaluate::read_lesions(file);
  if (which == 2) (void)evaluate::read_record(file);
  if (which == 3) (void)evaluate::read_cohort(file);
}
