#pragma once
namespace pleura::kernels {

/// Of two volumes of bits, word for word.
enum class Combination { both, either, first_only };

}  // namespace pleura::kernels
