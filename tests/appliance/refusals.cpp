/// An appliance's library: what was left out of it is refused in one line, before any work. refusals FOLDER
/// FOLDER holds a.png and a.dcm.
#include <cstdio>
#include <string>

#include "pleura/pleura.hpp"

namespace {

int faults = 0;

/// That work throws an Error of this status whose line names the option.
template <class Work>
void expect_refusal(pleura::Status status, const char* option, Work&& work) {
  std::string said = "nothing";
  try {
    work();
  } catch (const pleura::Error& error) {
    said = error.what();
    if (error.status() == status && said.find(option) != std::string::npos && said.find('\n') == std::string::npos)
      return;
  }
  std::fprintf(stderr, "refusals: expected a line with %s, found: %s\n", option, said.c_str());
  ++faults;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  const std::filesystem::path folder = argv[1];
  using pleura::Status;
  expect_refusal(Status::resources, "PLEURA_HDF5_WRITE=OFF",
                 [&] { pleura::write_random_weights({}, folder / "w.h5"); });
  expect_refusal(Status::resources, "PLEURA_HDF5_WRITE=OFF", [&] { pleura::extract_ct({}, folder / "e.h5"); });
  expect_refusal(Status::resources, "PLEURA_MEASURING=OFF", [] { (void)pleura::profile_weights("w.h5"); });
  expect_refusal(Status::resources, "PLEURA_MEASURING=OFF", [] { (void)pleura::bench_weights("w.h5", {}); });
  expect_refusal(Status::resources, "PLEURA_MEASURING=OFF", [] { (void)pleura::tune_weights("w.h5"); });
  expect_refusal(Status::resources, "PLEURA_PICTURES=OFF", [&] { (void)pleura::write_result({}, folder / "r"); });
  expect_refusal(Status::input_refused, "PLEURA_PICTURES=OFF", [&] { (void)pleura::read_ct(folder / "a.png"); });
  expect_refusal(Status::input_refused, "PLEURA_DICOM=OFF", [&] { (void)pleura::read_ct(folder / "a.dcm"); });
  expect_refusal(Status::input_refused, "PLEURA_ARCHIVES=OFF", [&] { (void)pleura::read_ct(folder / "a.zip"); });
  return faults;
}
