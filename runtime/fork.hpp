#pragma once
/// fork() copies one thread alone: what others held or were is lost in the child.

namespace pleura::runtime {

/// How many forks lie between this process and the one that asked first. Remember it where something is made that does
/// not outlive a fork, and compare before using it.
[[nodiscard]] int forks();

}  // namespace pleura::runtime
