from french import predict

result = predict("Hello")
