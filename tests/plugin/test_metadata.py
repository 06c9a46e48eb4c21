import pytest
from tensorboard.compat.proto import summary_pb2

from tb_explain_plugin import metadata
from tb_explain_plugin import plugin_data_pb2 as pb

NAMES = ["loss", "a/b", '<b>"x/y"</b>', "'", "%2F", "a b", "ü·字", "..", "conv_1:1", "&tag=x#y", "\x00", "x" * 500]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_survives_its_tag(name):
    tag = metadata.create_tag("importance", name, name)
    assert tag.count("/") == 2
    assert tag.isascii()
    assert not set(tag) & set("<>\"'& ")
    assert metadata.parse_tag(tag) == ("importance", (name, name), pb.SERIES)


def test_different_names_have_different_tags():
    assert len({metadata.create_tag("metric", name) for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize(
    ("kind", "names"), [("nothing", ()), ("metric", ()), ("metric", ("",)), ("metric", ("a", "b")), ("manifest", ("a",))]
)
def test_a_tag_out_of_the_grammar_is_not_made(kind, names):
    with pytest.raises(ValueError, match="tag"):
        metadata.create_tag(kind, *names)


@pytest.mark.parametrize("tag", ["", "/", "metric", "metric/", "metric/a/b", "manifest/x", "loss", "importance/a", "../../etc/passwd"])
def test_a_tag_out_of_the_grammar_is_not_parsed(tag):
    with pytest.raises(ValueError, match="not a tag of this plugin"):
        metadata.parse_tag(tag)


@pytest.mark.parametrize(
    ("shape", "data_class"),
    [
        (pb.SERIES, summary_pb2.DATA_CLASS_TENSOR),
        (pb.MANIFEST, summary_pb2.DATA_CLASS_TENSOR),
        (pb.FRAME, summary_pb2.DATA_CLASS_BLOB_SEQUENCE),
    ],
)
def test_metadata_say_whose_they_are_and_how_to_keep_them(shape, data_class):
    made = metadata.create_summary_metadata(shape)
    assert made.plugin_data.plugin_name == "explain"
    assert made.data_class == data_class
    parsed = metadata.parse_plugin_data(made.plugin_data.content)
    assert (parsed.version, parsed.kind) == (metadata.VERSION, shape)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no version or no kind"),
        (b"\xff\xff\xff", "cannot be read"),
        (pb.PluginData(version=1).SerializeToString(), "no version or no kind"),
        (pb.PluginData(version=-1, kind=pb.FRAME).SerializeToString(), "no version or no kind"),
        (pb.PluginData(version=metadata.VERSION + 1, kind=pb.FRAME).SerializeToString(), "upgrade tb-explain-plugin"),
    ],
)
def test_what_this_version_cannot_read_is_refused(content, message):
    with pytest.raises(ValueError, match=message):
        metadata.parse_plugin_data(content)
