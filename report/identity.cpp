#include "report/identity.hpp"

#include <algorithm>
#include <string_view>

#include "pleura/text.hpp"
#include "runtime/words.hpp"

namespace pleura::report {
namespace {

constexpr std::string_view kLeftOut = "...";

/// The last two names of a path: "patient1/ct".
std::string short_path(const std::filesystem::path& path) {
  const std::filesystem::path whole = path.has_filename() ? path : path.parent_path();
  return whole.parent_path().has_filename() ? (whole.parent_path().filename() / whole.filename()).string()
                                            : whole.filename().string();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

void replace_all(std::string& text, const std::string& known) {
  constexpr std::size_t shortest = 3;  // less stands in words that name nobody
  if (known.size() < shortest) return;
  for (std::size_t at = text.find(known); at != std::string::npos; at = text.find(known, at + kLeftOut.size()))
    text.replace(at, known.size(), kLeftOut);
}

/// Leaves out what stands in quotes. A quote opens at the start or after a space and closes before one or punctuation:
/// an apostrophe does neither.
std::string without_quoted(std::string_view text) {
  constexpr std::string_view before = " (", after = " ,;:.)";
  std::string kept;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool opens =
        (text[i] == '\'' || text[i] == '"') && (i == 0 || before.find(text[i - 1]) != std::string_view::npos);
    std::size_t end = opens ? text.find(text[i], i + 1) : std::string_view::npos;
    while (end != std::string_view::npos && end + 1 < text.size() &&
           after.find(text[end + 1]) == std::string_view::npos)
      end = text.find(text[i], end + 1);
    if (end == std::string_view::npos) {
      kept += text[i];
    } else {
      kept += kLeftOut;
      i = end;
    }
  }
  return kept;
}

/// Whether a word may be a file, a path, a name, a UID or a date: with a slash or a caret, a letter after a point, two
/// points among digits, eight digits, three digits beside a letter, anything but ASCII, or something left out already.
bool may_name(std::string_view word) {
  if (word.find(kLeftOut) != std::string_view::npos || word.find_first_of("/\\^") != std::string_view::npos)
    return true;
  std::size_t digits = 0, points = 0;  // of the run that ends here; between digits
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i], next = i + 1 < word.size() ? word[i + 1] : ' ';
    if (c < ' ' || c > '~') return true;
    if (c == '.' && is_letter(next)) return true;
    if (c == '.' && digits > 0 && is_digit(next) && ++points == 2) return true;
    if (is_letter(c) && digits >= 3) return true;
    digits = is_digit(c) ? digits + 1 : 0;
    const std::size_t first = i + 1 - digits;  // of the run
    if (digits == 8 || (digits == 3 && first > 0 && is_letter(word[first - 1]))) return true;
  }
  return false;
}

std::string without_names(std::string_view text) {
  constexpr std::string_view between = " \t\n,;:()";
  std::string kept;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find_first_of(between), text.size());
    kept += may_name(text.substr(0, size)) ? kLeftOut : text.substr(0, size);
    if (size < text.size()) kept += text[size];
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return kept;
}

}  // namespace

std::string identity_line(const Result& result, Disclosure disclosure) {
  const Provenance& source = result.input.provenance;
  std::string line;
  const auto add = [&](const std::string& name, const std::string& value) {
    const std::string text = runtime::printable(value);
    if (!text.empty()) line += (line.empty() ? "" : ", ") + name + text;
  };
  if (disclosure == Disclosure::identified) {
    add("", source.patient_name);
    add("patient ", source.patient_id);
    add("accession ", source.accession_number);
  }
  if (disclosure != Disclosure::anonymous) {
    add("", short_path(source.path));
    add("study of ", source.study_date);
  }
  add("voxels ", result.input.voxels_sha256.substr(0, 12));
  if (disclosure != Disclosure::anonymous) add("series ", source.series_uid);
  return line;
}

std::string anonymous_text(std::string text, const Provenance& source) {
  const std::filesystem::path whole = source.path.has_filename() ? source.path : source.path.parent_path();
  for (const std::string& known :
       {source.path.string(), whole.string(), whole.filename().string(), whole.stem().string(), source.series_uid,
        source.study_uid, source.frame_of_reference_uid, source.study_date, source.series_description,
        source.patient_name, source.patient_id, source.accession_number}) {
    replace_all(text, known);
    replace_all(text, printable(known));
  }
  for (const SliceSource& slice : source.slices) replace_all(text, slice.sop_instance_uid);
  return without_names(without_quoted(text));
}

}  // namespace pleura::report
