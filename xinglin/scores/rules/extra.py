"""The libraries that models are fitted with; the base installation has none of them."""

from importlib.util import find_spec
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.core.deferred import deferred_module
from xinglin.core.errors import DomainError

#: Loaded at the first use: each takes longer to load than most requests take.
np: Any = deferred_module("numpy")
lightgbm: Any = deferred_module("lightgbm")
optimize: Any = deferred_module("scipy.optimize")
special: Any = deferred_module("scipy.special")
stats: Any = deferred_module("scipy.stats")


class ModelsNotInstalled(DomainError):
    """The extra ``[ml]`` is not there."""

    code, status = "models-not-installed", 409
    default = _("拟合模型需要附加组件，请让管理员安装：pip install 'xinglin[ml]'；RFM 分层和健康自测不需要它")


def is_there() -> bool:
    """Whether models can be fitted and read here."""
    return all(find_spec(name) is not None for name in ("numpy", "scipy", "lightgbm"))


def need() -> None:
    """Raises ModelsNotInstalled without the extra."""
    if not is_there():
        raise ModelsNotInstalled
