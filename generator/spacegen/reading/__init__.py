"""From documents to the IR and diagnostics; the only folder that knows how Gradio spells things."""
