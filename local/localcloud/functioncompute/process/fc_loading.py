"""Finds a handler by its name, as the platform does, and says in its words when there is none."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from types import ModuleType
from typing import Any

from fc_errors import LoadError, frames_of, message_of


class Loader:
    """Finds the handler; a loaded one is kept as long as the instance lives."""

    def __init__(self, handler: str, code: str) -> None:
        self._handler = handler
        self._code = code
        self._loaded: Any = None

    def handler(self) -> Any:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def _load(self) -> Any:
        module_name, dot, function_name = self._handler.rpartition(".")
        if not dot or not module_name or not function_name:
            raise LoadError("InvalidHandleName", f"Invalid handler '{self._handler}'")
        module = self._module(module_name)
        try:
            return getattr(module, function_name)
        except AttributeError:
            raise LoadError(
                "HandlerNotFound",
                f"Handler '{function_name}' is missing on module '{module_name}'",
                [f"AttributeError: module '{module_name}' has no attribute '{function_name}'"],
            ) from None

    def _module(self, name: str) -> ModuleType:
        try:
            return self._executed(name)
        except ImportError as error:
            line = f"{type(error).__name__}: {message_of(error)}"
            raise LoadError(
                "ImportModuleError", f"Unable to import module '{name}'", [line]
            ) from None
        except SyntaxError as error:
            where = [f'File "{error.filename}"', f"line {error.lineno}", (error.text or "").strip()]
            message = f"Syntax error in module '{name}'"
            raise LoadError("UserCodeSyntaxError", message, where) from None
        except Exception as error:  # noqa: BLE001 - user code may raise whatever it likes
            raise LoadError(
                "UserCodeError",
                f"Module initialization error: {message_of(error)!r}",
                [line for frame in frames_of(error) for line in frame],
            ) from None

    def _executed(self, name: str) -> ModuleType:
        """Piece by piece and without importing parent packages, as the platform does it."""
        folder = [self._code, *sys.path]
        *parents, last = name.replace("/", ".").split(".")
        for parent in parents:
            folder = [f"{one}/{parent}" for one in folder]
        spec = importlib.machinery.PathFinder.find_spec(last, folder)
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError(f"No module named '{name}'")
        module = importlib.util.module_from_spec(spec)
        sys.modules[last] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            sys.modules.pop(last, None)
            raise
        return module
