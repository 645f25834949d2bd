"""What the observers need from the operating system: files, disk space, output streams, processes and the shell."""
