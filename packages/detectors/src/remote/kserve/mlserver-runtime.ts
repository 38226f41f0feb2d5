/** MLServer has no runtime for ONNX of its own: this one, in Python, lies beside the exported graph. */
export const MLSERVER_RUNTIME = `"""Runs an ONNX graph of Parapet in MLServer. Needs: pip install mlserver onnxruntime"""
import numpy
import onnxruntime
from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput
from mlserver.utils import get_model_uri

DTYPES = {"INT64": numpy.int64, "FP32": numpy.float32}


class ParapetRuntime(MLModel):
    async def load(self) -> bool:
        path = await get_model_uri(self._settings)
        self._session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feeds = {
            given.name: numpy.asarray(given.data.root, dtype=DTYPES[given.datatype]).reshape(given.shape)
            for given in payload.inputs
        }
        asked = [output.name for output in payload.outputs or []]
        names = asked or [output.name for output in self._session.get_outputs()]
        results = self._session.run(names, feeds)
        outputs = [
            ResponseOutput(name=name, datatype="FP32", shape=list(rows.shape), data=rows.ravel().tolist())
            for name, rows in zip(names, results)
        ]
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=outputs)
`
