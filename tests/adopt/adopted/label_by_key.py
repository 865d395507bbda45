from studio import classify

answer = classify("a long text").model_dump(exclude_unset=True)
result = (answer["label"], answer["confidences"])
