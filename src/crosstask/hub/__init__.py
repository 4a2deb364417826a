"""The only package that talks to the Hugging Face Hub.

What was looked up is cached until the process ends, so that a sweep sees one state of the Hub.
"""
