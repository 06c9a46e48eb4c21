import numpy as np
import pytest
from safetensors.numpy import load
from tensorboard.util import tensor_util

from tb_explain_plugin import metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb


def value_of(made):
    (value,) = made.value
    return value, tensor_util.make_ndarray(value.tensor)


@pytest.mark.parametrize(
    ("given", "dtype"), [(np.float32([1, 2]), np.float32), ([1, 2], np.float64), (np.float16([1, 2]), np.float64), (3, np.float64)]
)
def test_a_series_is_a_tensor_of_floats(given, dtype):
    value, tensor = value_of(summary.series("metric/loss", given))
    assert value.tag == "metric/loss"
    assert value.metadata == metadata.create_summary_metadata(pb.SERIES)
    assert tensor.dtype == dtype
    np.testing.assert_array_equal(tensor, given)


def test_a_frame_is_one_safetensors_blob():
    arrays = {
        "u8": np.arange(6, dtype=np.uint8).reshape(2, 3),
        "i32": np.array([-1], np.int32),
        "f16": np.array([0.5], np.float16),
        "f32": np.array(2.5, np.float32),
        "f64": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    }
    value, tensor = value_of(summary.frame("predictions", arrays, {"note": "é"}))
    assert value.metadata == metadata.create_summary_metadata(pb.FRAME)
    assert tensor.shape == (1,)
    for name, array in load(tensor[0]).items():
        np.testing.assert_array_equal(array, arrays[name])
        assert array.dtype == arrays[name].dtype


def test_a_frame_takes_only_types_that_the_browser_reads():
    with pytest.raises(TypeError, match="'x' of 'predictions' is int64"):
        summary.frame("predictions", {"x": np.arange(3, dtype=np.int64)})


def test_a_manifest_is_one_serialized_proto():
    given = pb.Manifest(model_name="m", versions={"b": "2", "a": "1"})
    value, tensor = value_of(summary.manifest(given))
    assert value.tag == "manifest"
    assert pb.Manifest.FromString(tensor.item()) == given


def test_a_tag_is_held_to_its_shape_of_data():
    with pytest.raises(ValueError, match="holds FRAME data, received SERIES"):
        summary.series("attribution/x", 1.0)
    with pytest.raises(ValueError, match="not a tag of this plugin"):
        summary.series("loss", 1.0)


@pytest.mark.parametrize("power", [-120, -40, -7, -6, 0, 10, 14, 15, 120])
def test_compressed_values_keep_eleven_bits(power):
    values = np.random.default_rng(0).normal(size=1000) * 2.0**power
    array, scale = summary.compress(values)
    assert array.dtype == np.float16
    largest = np.abs(values).max()
    np.testing.assert_allclose(array.astype(np.float64) * scale, values, rtol=2.0**-11, atol=largest * 2.0**-18)


def test_values_of_ordinary_size_are_not_scaled():
    array, scale = summary.compress(np.array([0.5, -2.0, 0.0]))
    assert scale == 1.0
    np.testing.assert_array_equal(array, [0.5, -2.0, 0.0])


def test_what_is_not_finite_stays_so():
    array, scale = summary.compress(np.array([np.nan, np.inf, -np.inf, 3e7]))
    np.testing.assert_array_equal(np.isfinite(array), [False, False, False, True])
    assert float(array[3]) * scale == pytest.approx(3e7, rel=1e-3)


@pytest.mark.parametrize("values", [np.zeros(3), np.empty(0), np.array([np.nan])])
def test_nothing_to_scale_is_not_scaled(values):
    array, scale = summary.compress(values)
    assert scale == 1.0
    np.testing.assert_array_equal(array, values)
