#include <memory>

#include "command.hpp"
#include "interrupts.hpp"
#include "options.hpp"
#include "pleura/pleura.hpp"
#include "progress.hpp"

namespace pleura::command {

void add_extract(CLI::App& app) {
  struct Arguments {
    std::string ct, out, weights, boxes;
    double field_mm = 0;
    ReadArguments read;
    EngineArguments engine;
    ScreenArguments screen;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("extract", "Write the voxels that inference sees, for training");
  command->add_option("ct", arguments->ct, "the CT: a folder of DICOM files, NIfTI, MetaImage, NRRD or an image stack")
      ->type_name("CT")
      ->required();
  command->add_option("--out", arguments->out, "the file to write (docs/extract-format.md)")
      ->type_name("FILE.h5")
      ->required();
  command->add_option("--weights", arguments->weights, "this file's settings, and the proposals of its segmenter")
      ->type_name("FILE.h5");
  command
      ->add_option("--boxes", arguments->boxes,
                   "JSON with boxes in mm to cut patches from, such as a phantom's truth.json")
      ->type_name("FILE.json");
  command->add_option("--field", arguments->field_mm, "side of the patches; default: the weights' classifier's, or 60")
      ->check(CLI::Range(1.0, 1000.0))
      ->type_name("MM");
  arguments->read.declare(*command);
  arguments->screen.declare(*command);
  arguments->engine.declare(*command);
  command->footer("Example: pleura extract phantom/ct --boxes phantom/truth.json --out phantom.h5");
  command->callback([arguments] {
    ExtractOptions options;
    options.weights = arguments->weights;
    options.boxes = arguments->boxes;
    options.field_mm = arguments->field_mm;
    options.engine = arguments->engine.options();
    options.screen = arguments->screen.options();
    watch_interrupts();
    ProgressBar bar;
    bar.show("read", 0);
    const Volume volume = read_ct(arguments->ct, arguments->read.options(options.engine));
    extract_ct(volume, arguments->out, options, bar.callback());
  });
}

}  // namespace pleura::command
