#include "scan/modality_lut.hpp"

#include "scan/hounsfield.hpp"

namespace pleura::scan {

std::optional<ModalityLut> modality_lut_of(const Elements& elements, bool is_signed) {
  const auto item = elements.item(DCM_ModalityLUTSequence);
  if (!item) return std::nullopt;
  const auto refuse = [](const std::string& why) { return UnreadableElement("its ModalityLUTSequence " + why); };
  if (elements.has(DCM_RescaleSlope) || elements.has(DCM_RescaleIntercept))
    throw refuse("stands beside RescaleSlope and RescaleIntercept, expected one of the two");
  const std::string type = item->text(DCM_ModalityLUTType);
  if (!names_hounsfield(type)) throw refuse("gives values in " + (type.empty() ? "no unit" : type) + ", expected HU");
  const auto descriptor = item->all_words(DCM_LUTDescriptor);
  const auto entries = item->all_words(DCM_LUTData);
  if (descriptor.size() != 3 || entries.size() != (descriptor[0] == 0 ? 65536U : descriptor[0]))
    throw refuse("holds " + std::to_string(entries.size()) + " entries, expected as many as its LUTDescriptor says (" +
                 (descriptor.empty() ? "absent" : std::to_string(descriptor[0])) + ")");
  // HU reach below 0, so the 16 bits of an entry are signed; fewer bits hold no HU of air.
  if (descriptor[2] != 16) throw refuse("has entries of " + std::to_string(descriptor[2]) + " bits, expected 16");
  ModalityLut lut{.first = is_signed ? static_cast<std::int16_t>(descriptor[1]) : descriptor[1], .hu = {}};
  for (const std::uint16_t entry : entries) lut.hu.push_back(static_cast<std::int16_t>(entry));
  return lut;
}

}  // namespace pleura::scan
