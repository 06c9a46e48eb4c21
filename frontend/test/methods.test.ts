import { expect, test } from "vitest";
import type { ManifestMethod } from "../src/api";
import { distinctTitle, methodHelp, methodTitle, shortMethod, sumErrorOf } from "../src/methods";

const method = (name: string, parameters: Record<string, string>): ManifestMethod => ({
  name,
  signed: true,
  score: "logit",
  parameters,
  baseline_hash: "",
  regions: [],
  unit: "",
});

test("methods are called as the field calls them, a user's own as it was written", () => {
  expect(methodTitle("integrated_gradients")).toBe("Integrated gradients");
  expect(methodTitle("gradient_times_input")).toBe("Gradient × input");
  expect(methodTitle("lrp_2")).toBe("LRP 2");
  expect(methodTitle("lrp_gamma")).toBe("LRP gamma");
  expect(methodTitle("my_function")).toBe("my_function");
  expect(methodHelp("my_function")).toBe(undefined);
  expect(methodHelp("toString")).toBe(undefined);
  expect(shortMethod("integrated_gradients")).toBe("IG");
  expect(methodTitle("kernel_shap")).toBe("Kernel SHAP");
  expect(shortMethod("kernel_shap")).toBe("SHAP");
  expect(methodTitle("occlusion")).toBe("Occlusion");
});

test("two of a kind are told apart by the parameters in which they differ", () => {
  const methods = [
    method("lrp", { composite: "epsilon_plus_flat", epsilon: "1e-06" }),
    method("lrp_2", { composite: "alpha2_beta1" }),
    method("saliency", {}),
  ];
  expect(distinctTitle("lrp", methods)).toBe("LRP · epsilon plus flat");
  expect(distinctTitle("lrp_2", methods)).toBe("LRP 2 · alpha2 beta1");
  expect(distinctTitle("saliency", methods)).toBe("Saliency");
  expect(distinctTitle("grad_cam", methods)).toBe("Grad-CAM");
});

test("what a frame's error measures follows from the method", () => {
  expect(sumErrorOf("expected_gradients")).toBe("completeness");
  expect(sumErrorOf("kernel_shap")).toBe("completeness");
  expect(sumErrorOf("occlusion")).toBe("");
  expect(sumErrorOf("lrp_2")).toBe("conservation");
  expect(sumErrorOf("grad_cam")).toBe("");
  expect(sumErrorOf("my_function")).toBe("completeness");
});
