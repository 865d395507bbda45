"""What a Space offers: its types, endpoints and models, without Gradio's spelling and without Python's."""
