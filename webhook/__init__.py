"""The small public face: Zalo posts its events here, and they wait in the inbox."""
