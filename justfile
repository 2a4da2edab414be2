# What a developer runs; `just` alone checks everything.

default: lint types words test

# Style
lint:
    ruff check .
    ruff format --check .

# Types
types:
    mypy

# Tests, on two cores
test *ARGS:
    pytest {{ARGS}}

# Benchmarks: what README and docs claim about speed, written as docs/benchmarks.md. With a folder of genre
# folders and a Python that has them, other programs are judged on it, too: just bench --music MUSIC --peers PYTHON
bench *ARGS:
    python benchmarks/all.py {{ARGS}}

# Benchmarks that need a library with the ten genres
bench-music MUSIC:
    python benchmarks/robustness.py {{quote(MUSIC)}}
    python benchmarks/embedding_rate.py {{quote(MUSIC)}}
    python benchmarks/few_songs.py {{quote(MUSIC)}} --with-time-cnn

# Benchmarks that need a GPU with CUDA: training and embedding, each beside its goal, in under eight minutes
bench-cuda *ARGS:
    python benchmarks/cuda_rates.py {{ARGS}}

# Tests that need a GPU with CUDA
test-cuda:
    pytest -n 0 -m cuda

# Shell completions
completions:
    python -m groovecli completion bash > completions/groove.bash
    python -m groovecli completion zsh > completions/_groove
    python -m groovecli completion fish > completions/groove.fish

# The manual page, written anew
manual:
    python -m groovecli.cli.manual > docs/groove.1

# Tables of options and answers in README and guide, the answers from a real run
docs:
    python docs/options.py
    python docs/screenshot.py

# Plain words in everything that a person reads
words *FILES:
    python docs/words.py {{FILES}}

# The notebook's outputs, from a run on a folder of genre folders
notebook MUSIC GENRES="":
    python docs/notebook.py {{quote(MUSIC)}} --genres {{quote(GENRES)}}
