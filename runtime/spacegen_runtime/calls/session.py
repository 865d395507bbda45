"""`space.session()`: calls that share what the app stores for one visitor."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ..protocol.session import Asker, SessionState

    Opened: TypeAlias = tuple[SessionState, ...]  # the innermost session comes last


class Session:
    """Calls that share `gr.State` and chat history; made by `space.session()`.

    Use it as `with space.session():` or `async with space.session():`, in several threads and tasks too. Several
    sessions can be open at once, each in its own thread or task; new tasks inherit the open one, new threads do
    not. When its last block ends, and the calls made in it have ended, the server is told (Gradio 4.44 and later).
    """

    def __init__(self, variable: ContextVar[Opened], *, parallel: bool = False, keep: bool = False) -> None:
        from ..protocol.session import SessionState

        self._variable = variable
        self._state = SessionState(parallel=parallel, keep=keep)

    def __reduce__(self) -> Any:
        raise TypeError("a session stays in the process that opened it; open one in the other process")

    @property
    def hash(self) -> str:
        """The session hash that the server knows."""
        return self._state.hash

    def end(self) -> None:
        """End a session that was made with `keep=True`, now or with its last block."""
        self._state.keep = False
        self._tell(self._state.to_end())

    async def aend(self) -> None:
        """`end` for asyncio."""
        self._state.keep = False
        await self._atell(self._state.to_end())

    def __enter__(self) -> Session:
        self._variable.set((*self._variable.get(), self._state))
        self._state.enter()
        return self

    def __exit__(self, *exc: object) -> None:
        self._tell(self._close())

    async def __aenter__(self) -> Session:
        return self.__enter__()

    async def __aexit__(self, kind: object = None, *exc: object) -> None:
        if kind is GeneratorExit:  # nothing can be awaited any more
            self._tell(self._close())
        else:
            await self._atell(self._close())

    def _close(self) -> Asker | None:
        """Remove it from the sessions that are open here, even if it is not the innermost one."""
        opened = [*self._variable.get()]
        if self._state in opened:  # else it was opened in another thread or task
            opened.reverse()
            opened.remove(self._state)
            self._variable.set(tuple(reversed(opened)))
        return self._state.leave()

    def _tell(self, caller: Asker | None) -> None:
        if caller is None:
            return
        from ..protocol.ending import ending_alone

        flow = ending_alone(*caller, self.hash)
        if _runs_a_loop():  # which must not be blocked
            from ..shells.aio import run_in_background

            run_in_background(caller[0], flow)
        else:
            from ..shells.blocking import run

            run(caller[0], flow)

    async def _atell(self, caller: Asker | None) -> None:
        if caller is not None:
            from ..protocol.ending import ending_alone
            from ..shells.aio import run

            await run(caller[0], ending_alone(*caller, self.hash))


def _runs_a_loop() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
