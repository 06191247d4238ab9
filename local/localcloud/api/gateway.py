"""The gateway: from a request to its answer, synchronously, told what time it is.

The order is: method, action and version, signature (with time and nonce), faults, rate,
parameters, region, permission, client token, action. Waiting and killing are left to whoever asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from localcloud.api.call import Call, check_form, check_method, read_call
from localcloud.api.exchange import Exchange, Handled
from localcloud.api.parameters import (
    IdempotentParameters,
    Parameters,
    TokenParameters,
    unknown_names,
)
from localcloud.api.permissions import Asked, check_permission
from localcloud.api.rates import Rates, throttled
from localcloud.api.signature import Acs3Verifier, Verifier
from localcloud.api.signature_version_1 import HmacSha1Verifier
from localcloud.api.table import VERSIONS, Action, find_action
from localcloud.api.trail import WriteCall, told_of
from localcloud.credentials import NOBODY, Key, Keyring
from localcloud.faults import Fault, Faults
from localcloud.journal import Journal
from localcloud.messages import Request
from localcloud.refusals import RefusedError, refused
from localcloud.world.ledger import Answered
from localcloud.world.moments import after
from localcloud.world.world import World


class Gateway:
    """The API of one account in one region."""

    def __init__(self, world: World, keyring: Keyring, faults: Faults, journal: Journal) -> None:
        self._keyring = keyring
        self._faults = faults
        self._journal = journal
        self._verifiers: Sequence[Verifier] = (Acs3Verifier(), HmacSha1Verifier())
        self.world = world
        self._rates = Rates(world.limits, world.behaviour)

    def replace_world(self, world: World) -> None:
        """Serve another world from now on; used nonces stay used."""
        self.world = world
        self._rates = Rates(world.limits, world.behaviour)

    def handle(self, request: Request, now: float, wall: float | None = None) -> Handled:
        """Do what the request says, at the moment `now` of the world.

        `wall` is real time in seconds, against which signatures are dated; without it, `now`.
        """
        self.world.settle(now)
        exchange = Exchange(read_call(request), self.world.draw_request_id(), now)
        try:
            action = _known_action(exchange.call)
            exchange.product = action.product
            exchange.key = self._verified(request, now if wall is None else wall)
            exchange.fault = self._faults.take(action.name)
            if not _prevents(exchange.fault):
                self._raise(exchange.fault)
                exchange.answer(self._answered(action, exchange))
        except RefusedError as error:
            exchange.answer(exchange.failed(error), error.headers)
            self._record_refusal(exchange, error)
        self._journal.write(exchange.entry())
        return exchange.handled()

    def _verified(self, request: Request, wall: float) -> Key:
        for verifier in self._verifiers:
            if verifier.recognises(request):
                return verifier.verify(request, self._keyring.find, wall)
        raise refused("MissingParameter", "Signature")

    def _raise(self, fault: Fault | None) -> None:
        if fault is not None and fault.error is not None:
            raise refused(fault.error, "on purpose", status=fault.status)
        if fault is not None and fault.throttle:
            raise throttled(self.world.behaviour.throttle_status, fault.retry_after_ms)

    def _answered(self, action: Action, exchange: Exchange) -> Answered:
        self._rates.count(f"{action.version} {action.name}", exchange.now)
        parameters = self._parameters(action, exchange.call)
        asked = Asked(action.product.lower(), action.name, parameters)
        exchange.sees_nothing = not check_permission(exchange.key, asked, self.world)
        token = _token(parameters)
        if token is None:
            return self._performed(action, parameters, exchange)
        return self._once(action, parameters, token, exchange)

    def _parameters(self, action: Action, call: Call) -> Parameters:
        parameters = action.read(call.parameters)
        if self.world.behaviour.unknown_parameters == "refuse":
            for name in unknown_names(action.parameters, call.parameters):
                raise refused("InvalidParameter", f"{name} is not one of {action.name}")
        if parameters.region_id not in {"", self.world.region}:
            raise refused("InvalidRegionId.NotFound", parameters.region_id)
        return parameters

    def _performed(self, action: Action, parameters: Parameters, exchange: Exchange) -> Answered:
        body = action.perform(self.world, parameters, exchange.context())
        if action.changes:
            self._record(exchange.written(body))
        return exchange.done(body)

    def _record(self, written: WriteCall) -> None:
        told = told_of(written, self.world.envelopes)
        self.world.tell(told, written.at, self.world.behaviour.actiontrail_delay_s)

    def _record_refusal(self, exchange: Exchange, error: RefusedError) -> None:
        """A refused write call is recorded as well, if it is known who made it."""
        action = find_action(exchange.call.version, exchange.call.action)
        recorded = action is not None and action.changes and exchange.key is not NOBODY
        if recorded and self.world.behaviour.refused_calls_recorded:
            self._record(exchange.written(None, error))

    def _once(
        self, action: Action, parameters: Parameters, token: str, exchange: Exchange
    ) -> Answered:
        """Do it, unless the token did it before: then the answer of that time."""
        same = dict(exchange.call.parameters)
        del same["ClientToken"]
        before = self.world.tokens.recall(action.name, token, same, exchange.now)
        if self.world.tokens.in_flight(action.name, token, exchange.now):
            raise refused(self._in_flight_code(action))
        if before is not None:
            return before
        failure: RefusedError | None = None
        try:
            answered = self._performed(action, parameters, exchange)
        except RefusedError as error:
            if not self.world.behaviour.remember_failures:
                raise
            answered, failure = exchange.failed(error), error
        moments = (exchange.now, after(exchange.now, self._in_flight_s(exchange.fault)))
        self.world.tokens.remember(action.name, token, same, answered, moments)
        if failure is not None:
            raise failure
        return answered

    def _in_flight_code(self, action: Action) -> str:
        behaviour = self.world.behaviour
        return behaviour.in_flight_code if action.product == "Vpc" else behaviour.ecs_in_flight_code

    def _in_flight_s(self, fault: Fault | None) -> float:
        delay_s = fault.delay_s if fault is not None else 0.0
        return max(delay_s, self.world.behaviour.token_in_flight_s)


def _known_action(call: Call) -> Action:
    check_method(call.request)
    check_form(call.request)
    if not call.action:
        raise refused("MissingParameter", "Action")
    if not call.version:
        raise refused("MissingParameter", "Version")
    if call.version not in VERSIONS:
        raise refused("InvalidVersion", call.version)
    action = find_action(call.version, call.action)
    if action is None:
        raise refused("InvalidAction.NotFound", call.action)
    return action


def _prevents(fault: Fault | None) -> bool:
    """Whether nothing is to be done at all."""
    return fault is not None and (
        fault.reset == "before" or fault.kill == "before" or fault.body is not None
    )


def _token(parameters: Parameters) -> str | None:
    """The client token of a call that is to be remembered; a dry run is not."""
    if not isinstance(parameters, TokenParameters):
        return None
    dry_run = isinstance(parameters, IdempotentParameters) and parameters.dry_run
    return None if dry_run else parameters.client_token
