"""torch._dynamo.eval_frame: where torch keeps the class of compiled modules."""

from chainrule.compiler import OptimizedModule

__all__ = ["OptimizedModule"]
