"""What tests share: real Gradio servers, a faulty proxy and a stand-in for the Hub."""
