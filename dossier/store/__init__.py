"""The one gate for writes, the read models, the catalogue and the migrations."""
