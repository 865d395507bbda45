"""From a SOURCE to the documents that a Gradio app publishes; the only folder that opens connections."""
