from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KIND_UNKNOWN: _ClassVar[Kind]
    SERIES: _ClassVar[Kind]
    FRAME: _ClassVar[Kind]
    MANIFEST: _ClassVar[Kind]
KIND_UNKNOWN: Kind
SERIES: Kind
FRAME: Kind
MANIFEST: Kind

class PluginData(_message.Message):
    __slots__ = ("version", "kind")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    version: int
    kind: Kind
    def __init__(self, version: _Optional[int] = ..., kind: _Optional[_Union[Kind, str]] = ...) -> None: ...

class Manifest(_message.Message):
    __slots__ = ("inputs", "outputs", "probe", "methods", "layers", "versions", "start_time", "step_unit", "model_name", "parameters", "budget", "watches", "training_samples")
    class VersionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    PROBE_FIELD_NUMBER: _ClassVar[int]
    METHODS_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    STEP_UNIT_FIELD_NUMBER: _ClassVar[int]
    MODEL_NAME_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    WATCHES_FIELD_NUMBER: _ClassVar[int]
    TRAINING_SAMPLES_FIELD_NUMBER: _ClassVar[int]
    inputs: _containers.RepeatedCompositeFieldContainer[Input]
    outputs: _containers.RepeatedCompositeFieldContainer[Output]
    probe: Probe
    methods: _containers.RepeatedCompositeFieldContainer[Method]
    layers: _containers.RepeatedCompositeFieldContainer[Layer]
    versions: _containers.ScalarMap[str, str]
    start_time: float
    step_unit: str
    model_name: str
    parameters: int
    budget: float
    watches: _containers.RepeatedCompositeFieldContainer[Watch]
    training_samples: int
    def __init__(self, inputs: _Optional[_Iterable[_Union[Input, _Mapping]]] = ..., outputs: _Optional[_Iterable[_Union[Output, _Mapping]]] = ..., probe: _Optional[_Union[Probe, _Mapping]] = ..., methods: _Optional[_Iterable[_Union[Method, _Mapping]]] = ..., layers: _Optional[_Iterable[_Union[Layer, _Mapping]]] = ..., versions: _Optional[_Mapping[str, str]] = ..., start_time: _Optional[float] = ..., step_unit: _Optional[str] = ..., model_name: _Optional[str] = ..., parameters: _Optional[int] = ..., budget: _Optional[float] = ..., watches: _Optional[_Iterable[_Union[Watch, _Mapping]]] = ..., training_samples: _Optional[int] = ...) -> None: ...

class Input(_message.Message):
    __slots__ = ("name", "kind", "shape", "dtype", "feature_names", "vocabulary", "cells", "regions")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    FEATURE_NAMES_FIELD_NUMBER: _ClassVar[int]
    VOCABULARY_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    REGIONS_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: str
    shape: _containers.RepeatedScalarFieldContainer[int]
    dtype: str
    feature_names: _containers.RepeatedScalarFieldContainer[str]
    vocabulary: _containers.RepeatedScalarFieldContainer[str]
    cells: _containers.RepeatedScalarFieldContainer[int]
    regions: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[str] = ..., shape: _Optional[_Iterable[int]] = ..., dtype: _Optional[str] = ..., feature_names: _Optional[_Iterable[str]] = ..., vocabulary: _Optional[_Iterable[str]] = ..., cells: _Optional[_Iterable[int]] = ..., regions: _Optional[_Iterable[int]] = ...) -> None: ...

class Output(_message.Message):
    __slots__ = ("name", "task", "units", "class_names")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    CLASS_NAMES_FIELD_NUMBER: _ClassVar[int]
    name: str
    task: str
    units: int
    class_names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., task: _Optional[str] = ..., units: _Optional[int] = ..., class_names: _Optional[_Iterable[str]] = ...) -> None: ...

class Probe(_message.Message):
    __slots__ = ("size", "seed", "hash", "sample_names", "targets", "inputs_logged", "groups")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_NAMES_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    INPUTS_LOGGED_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    size: int
    seed: int
    hash: str
    sample_names: _containers.RepeatedScalarFieldContainer[str]
    targets: _containers.RepeatedScalarFieldContainer[float]
    inputs_logged: bool
    groups: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, size: _Optional[int] = ..., seed: _Optional[int] = ..., hash: _Optional[str] = ..., sample_names: _Optional[_Iterable[str]] = ..., targets: _Optional[_Iterable[float]] = ..., inputs_logged: bool = ..., groups: _Optional[_Iterable[str]] = ...) -> None: ...

class Method(_message.Message):
    __slots__ = ("name", "signed", "score", "parameters", "baseline_hash", "regions", "unit")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    BASELINE_HASH_FIELD_NUMBER: _ClassVar[int]
    REGIONS_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    name: str
    signed: bool
    score: str
    parameters: _containers.ScalarMap[str, str]
    baseline_hash: str
    regions: _containers.RepeatedCompositeFieldContainer[Regions]
    unit: str
    def __init__(self, name: _Optional[str] = ..., signed: bool = ..., score: _Optional[str] = ..., parameters: _Optional[_Mapping[str, str]] = ..., baseline_hash: _Optional[str] = ..., regions: _Optional[_Iterable[_Union[Regions, _Mapping]]] = ..., unit: _Optional[str] = ...) -> None: ...

class Regions(_message.Message):
    __slots__ = ("input", "shape", "contrast", "clusters")
    INPUT_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_FIELD_NUMBER: _ClassVar[int]
    CLUSTERS_FIELD_NUMBER: _ClassVar[int]
    input: str
    shape: _containers.RepeatedScalarFieldContainer[int]
    contrast: _containers.RepeatedScalarFieldContainer[float]
    clusters: _containers.RepeatedCompositeFieldContainer[Cluster]
    def __init__(self, input: _Optional[str] = ..., shape: _Optional[_Iterable[int]] = ..., contrast: _Optional[_Iterable[float]] = ..., clusters: _Optional[_Iterable[_Union[Cluster, _Mapping]]] = ...) -> None: ...

class Cluster(_message.Message):
    __slots__ = ("name", "columns")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    name: str
    columns: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, name: _Optional[str] = ..., columns: _Optional[_Iterable[int]] = ...) -> None: ...

class Watch(_message.Message):
    __slots__ = ("name", "input", "cells", "contrast", "at_most", "at_least", "protected")
    NAME_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_FIELD_NUMBER: _ClassVar[int]
    AT_MOST_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    PROTECTED_FIELD_NUMBER: _ClassVar[int]
    name: str
    input: str
    cells: _containers.RepeatedScalarFieldContainer[int]
    contrast: float
    at_most: float
    at_least: float
    protected: bool
    def __init__(self, name: _Optional[str] = ..., input: _Optional[str] = ..., cells: _Optional[_Iterable[int]] = ..., contrast: _Optional[float] = ..., at_most: _Optional[float] = ..., at_least: _Optional[float] = ..., protected: bool = ...) -> None: ...

class Layer(_message.Message):
    __slots__ = ("name", "class_name", "output_shape", "inbound", "parameters", "activation", "logged")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CLASS_NAME_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_SHAPE_FIELD_NUMBER: _ClassVar[int]
    INBOUND_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    ACTIVATION_FIELD_NUMBER: _ClassVar[int]
    LOGGED_FIELD_NUMBER: _ClassVar[int]
    name: str
    class_name: str
    output_shape: _containers.RepeatedScalarFieldContainer[int]
    inbound: _containers.RepeatedScalarFieldContainer[str]
    parameters: int
    activation: str
    logged: bool
    def __init__(self, name: _Optional[str] = ..., class_name: _Optional[str] = ..., output_shape: _Optional[_Iterable[int]] = ..., inbound: _Optional[_Iterable[str]] = ..., parameters: _Optional[int] = ..., activation: _Optional[str] = ..., logged: bool = ...) -> None: ...
