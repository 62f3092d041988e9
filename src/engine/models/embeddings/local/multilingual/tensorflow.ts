import * as core from '@energetic-ai/core';

/** Numbers where TensorFlow's WebAssembly works on them. */
export interface Tensor {
  dataSync(): Float32Array;
  dispose(): void;
}

/** The little of TensorFlow.js that is needed; the types of the package name others that are not installed. */
export const tensorflow = core as unknown as {
  ready(): Promise<void>;
  tensor1d(values: Float32Array): Tensor;
  tensor2d(values: Float32Array, shape: [rows: number, columns: number]): Tensor;
  fused: {
    matMul(given: { a: Tensor; b: Tensor; bias?: Tensor; activation?: 'relu' }): Tensor;
  };
};
