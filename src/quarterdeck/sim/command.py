"""temporary"""
import time

from .memory import in_memory
from .world import simulate


def main(argv):
    a,b=int(argv[0]),int(argv[1])
    only=argv[2].split(",") if len(argv)>2 else None
    with in_memory() as m:
        for s in range(a,b):
            t=time.perf_counter()
            r=simulate(s,m,only)
            print(s,f"{time.perf_counter()-t:.2f}s",r.hash[:8],len(r.trace),"sends",r.sends,"ans",r.answers,"inj",len(r.injected),dict(r.counts) if len(argv)>3 else "")
            for v in r.violations[:6]: print("   ",v)
            if len(argv)>3:
                print("\n".join(r.trace))
