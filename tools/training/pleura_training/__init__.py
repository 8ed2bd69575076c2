"""The PyTorch side of pleura: the same networks, their training, and the way into pleura's weights file."""
