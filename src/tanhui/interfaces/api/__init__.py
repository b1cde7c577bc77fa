"""HTTP for machines: `/api/v1`, typed, signed by partners, problem documents for every error."""
