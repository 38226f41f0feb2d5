import os

# Tests run beside other work: one thread each.
os.environ.setdefault("OMP_NUM_THREADS", "1")
