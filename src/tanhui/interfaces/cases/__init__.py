"""The white paper's cases as stories: files under `cases/`, run through the public interfaces."""
