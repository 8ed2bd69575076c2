#pragma once
/// Which CUDA device a thread works on.

namespace pleura::runtime::cuda {

/// Makes a device the calling thread's current one, and puts the one before back when it ends. An error that the host
/// program's own calls have left behind is dropped, so that it is not taken for one of ours.
class Current {
 public:
  /// Throws Error(resources) where there is no such device.
  explicit Current(int device);
  ~Current();
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;

 private:
  int before_ = 0;
  bool changed_ = false;
};

}  // namespace pleura::runtime::cuda
