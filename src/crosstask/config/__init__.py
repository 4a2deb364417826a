"""The schema of the configuration, as dataclasses: an unknown key or a value of the wrong type is an error.

The YAML files in ``conf/`` hold the values.
"""
