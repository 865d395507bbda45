import json

from studio import classify

result = json.dumps(classify("a long text").model_dump(exclude_unset=True), sort_keys=True)
