"""The pages: a file each, named for what a person sees there."""
