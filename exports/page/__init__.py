"""The review page, `review.html`."""
