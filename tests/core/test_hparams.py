from tensorboard.plugins.hparams import plugin_data_pb2

from core.hparams import write_hparams
from tests.event_files import summaries


def test_hyper_parameters_are_written_where_the_page_looks_for_them(tmp_path):
    write_hparams(
        tmp_path, {"hidden": 64, "head": "nalu", "cover_parts": True, "extrapolation_max": None}, trial="run 3"
    )

    assert len(list(tmp_path.iterdir())) == 1
    found = {tag: value.metadata.plugin_data for (tag, _), value in summaries(tmp_path).items()}
    [data] = [found[tag] for tag in found if tag.endswith("session_start_info")]
    hparams = plugin_data_pb2.HParamsPluginData.FromString(data.content).session_start_info.hparams
    assert plugin_data_pb2.HParamsPluginData.FromString(data.content).session_start_info.group_name == "run 3"
    assert data.plugin_name == "hparams"
    assert hparams["hidden"].number_value == 64
    assert hparams["head"].string_value == "nalu"
    assert hparams["cover_parts"].bool_value is True
    assert hparams["extrapolation_max"].string_value == "None"
