#pragma once
/// How labels are written for people, and how regions are counted.
#include <string>

#include "pleura/result.hpp"
#include "report/picture.hpp"

namespace pleura::report {

inline constexpr const char* kNotice = "Research use only. Not for diagnosis.";
/// Of result.json; rises when a reader of the last one would be misled.
inline constexpr int kSchemaVersion = 2;

[[nodiscard]] std::string display_name(Label label);      ///< "COVID-19", "influenza A", "irrelevant"
[[nodiscard]] std::string display_name(CaseLabel label);  ///< "COVID-19", "influenza A", "no infection found"
[[nodiscard]] Colour colour_of(Label label);
[[nodiscard]] Colour colour_of(CaseLabel label);

/// Where regions of both types were found: the exported confidence below which the type reads as undecided [D].
inline constexpr double kDecided = 0.6;
[[nodiscard]] bool has_both(const CaseResult& found);  ///< regions of both types
[[nodiscard]] bool is_undecided(const CaseResult& found);

/// Whether there is an infection, then which: "infection found, P 0.998; COVID-19 (0.731)". Where regions of both types
/// were found and the confidence that the paper exports is below 0.6, that is where the two P are less than 0.41 apart,
/// "COVID-19 or influenza A: undecided (0.500)" [D].
[[nodiscard]] std::string headline(const CaseResult& found);
/// An undecided case has a colour of its own.
[[nodiscard]] Colour headline_colour(const CaseResult& found);

/// "0.983"; "0.9999" and the like where three digits would say 1.
[[nodiscard]] std::string probability_text(double value);

/// With a number of digits after the point.
[[nodiscard]] std::string fixed_text(double value, int digits);

/// The file of region `index` (from 0): region_01.png for the first.
[[nodiscard]] std::string picture_name(std::size_t index);

}  // namespace pleura::report
