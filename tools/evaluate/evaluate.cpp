#include "evaluate/evaluate.hpp"

#include <cstdio>

#include "evaluate/figures.hpp"
#include "evaluate/report.hpp"
#include "evaluate/screener.hpp"
#include "files/replace.hpp"

namespace pleura::evaluate {
namespace {

namespace fs = std::filesystem;

fs::path record_file(const fs::path& out, int row) {
  char name[32];
  std::snprintf(name, sizeof name, "%04d.json", row);
  return out / "cts" / name;
}

/// The finished record of a row; none where it is still to be screened, or was refused.
std::optional<Record> finished(const fs::path& out, const Entry& entry) {
  const fs::path file = record_file(out, entry.row);
  if (!fs::exists(file)) return std::nullopt;
  Record record = read_record(file);
  if (record.name != entry.name || record.truth != entry.truth)
    throw Error(Status::usage, file.string() + ": found CT '" + record.name + "', " + to_string(record.truth) +
                                   ", expected '" + entry.name + "', " + to_string(entry.truth) +
                                   ": it belongs to another cohort; choose another --out");
  return record;
}

void require_same_setting(const Record& record, const Setting& expected, const fs::path& file) {
  if (record.setting != expected)
    throw Error(Status::usage, file.string() + ": found weights " + record.setting.weights_sha256.substr(0, 12) + ", " +
                                   record.setting.precision + ", threshold " +
                                   std::to_string(record.setting.threshold) + ", " +
                                   std::to_string(record.setting.max_regions) + " regions, expected weights " +
                                   expected.weights_sha256.substr(0, 12) + ", " + expected.precision + ", threshold " +
                                   std::to_string(expected.threshold) + ", " + std::to_string(expected.max_regions) +
                                   " regions; choose another --out");
}

void write_picture(const report::Picture& picture, const fs::path& file) {
  const std::vector<std::uint8_t> png = picture.png();
  files::write_file(file, std::as_bytes(std::span(png)));
}

/// Screens the rows of the shard that are not finished. Returns how many were.
int screen_rows(Request& request, const std::vector<Entry>& entries, const Progress& progress) {
  Screener screener(request.weights, request.engine, request.screen);
  const Shard shard = request.shard.value_or(Shard{});
  ReadOptions read;
  read.threads = request.engine.threads;
  read.memory_bytes = request.engine.memory_bytes;
  int screened = 0;
  for (const Entry& entry : entries) {
    if ((entry.row - 1) % shard.of != shard.index - 1) continue;
    const fs::path file = record_file(request.out, entry.row);
    if (const auto record = finished(request.out, entry)) {
      require_same_setting(*record, screener.setting(), file);
      if (record->refused.empty()) continue;
    }
    const auto told = [&](std::string_view stage, double done) {
      if (progress)
        progress(entry.name + ": " + std::string(stage), (entry.row - 1 + done) / static_cast<double>(entries.size()));
    };
    Record record;
    try {
      record = screener.screen(entry, read, told);
    } catch (const Error& error) {
      if (error.status() != Status::input_refused) throw;
      told("refused", 1);  // throws where the refusal is an interrupt's
      record = {};
      record.name = entry.name;
      record.truth = entry.truth;
      record.setting = screener.setting();
      record.refused = error.what();
      request.problems.push_back(entry.name + ": " + error.what());
    }
    write_record(record, file);
    ++screened;
  }
  return screened;
}

}  // namespace

std::string evaluate(Request& request, const Progress& progress) {
  const std::vector<Entry> entries = read_cohort(request.cohort);
  std::error_code error;
  fs::create_directories(request.out / "cts", error);
  if (error) throw Error(Status::resources, (request.out / "cts").string() + ": cannot be made: " + error.message());
  if (!request.merge) {
    const int screened = screen_rows(request, entries, progress);
    if (request.shard)
      return std::to_string(screened) +
             " CTs screened; when all shards are done, pleura evaluate ... --merge makes the figures\n";
  }

  std::vector<Record> records;
  for (const Entry& entry : entries) {
    std::optional<Record> record = finished(request.out, entry);
    const fs::path file = record_file(request.out, entry.row);
    if (!record)
      throw Error(Status::usage,
                  file.string() + ": not there, expected a record of every CT: its shard has not finished");
    if (!records.empty()) require_same_setting(*record, records.front().setting, file);
    records.push_back(std::move(*record));
  }
  if (progress) progress("figures", 1);
  const Figures figures = figures_of(std::move(records));
  write_picture(draw_froc(figures), request.out / "froc.png");
  write_picture(draw_roc(figures), request.out / "roc.png");
  write_picture(draw_calibration(figures), request.out / "calibration.png");
  files::write_file(request.out / "evaluation.json", to_json(figures));
  return to_table(figures);
}

}  // namespace pleura::evaluate
