"""torch.utils.tensorboard: reports for TensorBoard, written without it.

`wire` is the file format, `messages` the contents, `writer` what users call.
"""

from chainrule.utils.tensorboard.writer import FileWriter, SummaryWriter

__all__ = ["FileWriter", "SummaryWriter"]
