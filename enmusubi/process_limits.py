"""Limits for a process of its own that reads a file from outside."""


def bound_process(memory_bytes: int, cpu_s: int) -> None:
    """Limit this process's memory and processor time, where the system can; it leaves no core dump."""
    try:
        import resource
    except ImportError:  # Windows: the service's timeout is left
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
