#pragma once
/// Transfer syntaxes: which are read, what the others are called, and in which one a data set truly lies. For .cpp
/// files alone: it brings DCMTK's headers.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <string>
#include <string_view>

namespace pleura::scan {

/// The registered name, or nothing for a UID that is unknown.
[[nodiscard]] std::string transfer_syntax_name(const std::string& uid);

/// The syntax with which DCMTK reads the data set; EXS_Unknown where pleura does not read it. High-throughput JPEG
/// 2000, which DCMTK does not know, is read as its elder brother: only the frames' code streams differ.
[[nodiscard]] E_TransferSyntax readable_syntax(const std::string& uid);

/// The uncompressed syntax that the first bytes (8 at least) of a data set show; `declared` where they agree with it,
/// or where they show none.
[[nodiscard]] E_TransferSyntax true_syntax(std::string_view first_bytes, E_TransferSyntax declared);

}  // namespace pleura::scan
