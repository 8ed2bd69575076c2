/// Screens a CT: screen CT WEIGHTS.h5 FOLDER
#include <iostream>

#include "pleura/pleura.hpp"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: screen CT WEIGHTS.h5 FOLDER\n";
    return 1;
  }
  try {
    pleura::Engine engine(argv[2]);
    const pleura::Screening screening = engine.screen(pleura::read_ct(argv[1]));
    std::cout << pleura::to_table(screening.result);
    pleura::write_result(screening, argv[3]);
  } catch (const pleura::Error& error) {
    std::cerr << error.what() << '\n';
    return static_cast<int>(error.status());
  }
}
