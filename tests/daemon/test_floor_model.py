"""The floor against a model that forgets nothing, over histories that Hypothesis makes up."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.floor import MAX_HELD, MAX_HELD_CHARS, Floor, FloorRules
from claude_narrator.models.types import Priority, Seconds, Utterance
from tests.daemon.test_floor import EXPIRE_S, utterance


class FloorMachine(RuleBasedStateMachine):
    """Against a model that keeps, for every utterance ever said, what became of it."""

    def __init__(self) -> None:
        super().__init__()
        self.rules = FloorRules("chime", EXPIRE_S)
        self.floor = Floor(lambda: self.rules)
        self.now = Seconds(0.0)
        self.count = 0
        self.spoken: set[str] = set()
        self.left_out: set[str] = set()
        self.held: dict[str, list[tuple[float, Utterance]]] = {}
        self.open: set[str] = set()
        self.chosen = self.owner = ""
        self.word_s: dict[str, float] = {}

    sessions = st.sampled_from("abc")

    @rule(session=sessions)
    def opens(self, session: str) -> None:
        self.floor.opened(session, self.now)
        self.open.add(session)
        if session not in self.held:
            self.word_s[session], self.held[session] = self.now, []

    @rule(others=st.sampled_from(["chime", "silent", "all"]))
    def is_set(self, others: str) -> None:
        self.rules = FloorRules(others, EXPIRE_S)

    @rule(
        session=sessions,
        priority=st.sampled_from(Priority),
        chars=st.sampled_from([1, MAX_HELD_CHARS // 2, MAX_HELD_CHARS + 1]),
    )
    def says(self, session: str, priority: Priority, chars: int) -> None:
        self.count += 1
        new = utterance(str(self.count), session, priority, chars)
        self.expire()
        may = session not in self.held or priority is Priority.IMPORTANT or self.may_speak(session)
        admitted = self.floor.admit(new, self.now)
        if may:
            assert admitted == (new,)
            self.spoken.add(new.id)
            return
        assert all(each.sentences == (CHIME,) and each.session == session for each in admitted)
        assert len(admitted) <= (self.rules.others == "chime")
        if priority in (Priority.NOTIFICATION, Priority.PROGRESS):
            self.left_out.add(new.id)
        else:
            self.keep(session, new)

    @rule(session=sessions)
    def is_prompted(self, session: str) -> None:
        self.floor.prompted(session, self.now)
        self.take(session)
        self.lose(session)

    @rule(session=sessions)
    def is_listened_to(self, session: str) -> None:
        self.expire()
        given = self.floor.listen(session, self.now)
        assert given == [each for _, each in self.held.get(session, [])]
        self.spoken |= {each.id for each in given}
        if session in self.open:
            self.take(session)
        if session in self.held:
            self.held[session] = []

    @rule(session=sessions)
    def is_silenced(self, session: str) -> None:
        self.floor.silenced(session)
        if session in self.held:
            self.lose(session)

    @rule(session=sessions, by_human=st.booleans())
    def closes(self, session: str, by_human: bool) -> None:
        self.floor.closed(session, by_human, self.now)
        if session not in self.held:
            return
        self.open.discard(session)
        self.chosen = "" if self.chosen == session else self.chosen
        self.owner = "" if self.owner == session else self.owner
        self.word_s[session] = self.now
        if by_human:
            self.lose(session)

    @rule(seconds=st.sampled_from([1.0, EXPIRE_S / 2, EXPIRE_S + 1]))
    def time_passes(self, seconds: float) -> None:
        self.now = Seconds(self.now + seconds)

    def has_floor(self) -> str:
        owner = self.owner
        fresh = owner in self.open and self.now - self.word_s[owner] <= EXPIRE_S
        return owner if fresh else ""

    def may_speak(self, session: str) -> bool:
        if self.rules.others != "all":
            if session == self.chosen or not self.has_floor():
                self.owner = session
            if session != self.owner:
                return False
        self.word_s[session] = self.now
        return True

    def take(self, session: str) -> None:
        self.held.setdefault(session, [])
        self.chosen = self.owner = session
        self.word_s[session] = self.now
        self.open.add(session)

    def keep(self, session: str, new: Utterance) -> None:
        held = self.held[session]
        held.append((self.now, new))
        while len(held) > MAX_HELD or sum(len(each.sentences[0]) for _, each in held) > MAX_HELD_CHARS:
            self.left_out.add(held.pop(0)[1].id)

    def lose(self, session: str) -> None:
        self.left_out |= {each.id for _, each in self.held[session]}
        self.held[session] = []

    def expire(self) -> None:
        for session, held in list(self.held.items()):
            self.left_out |= {each.id for since, each in held if self.now - since > EXPIRE_S}
            self.held[session] = [kept for kept in held if self.now - kept[0] <= EXPIRE_S]
            if session not in self.open and not self.held[session]:
                del self.held[session]

    @invariant()
    def one_session_at_most_has_the_floor(self) -> None:
        self.expire()
        standings = self.floor.standings(self.now)
        assert [each.session for each in standings if each.owner] == list(filter(None, [self.has_floor()]))

    @invariant()
    def nothing_is_lost_without_being_counted(self) -> None:
        self.expire()
        standings = self.floor.standings(self.now)
        assert {each.session: each.held for each in standings} == {s: len(h) for s, h in self.held.items()}
        assert self.floor.dropped + self.floor.expired == len(self.left_out)
        held = sum(each.held for each in standings)
        assert len(self.spoken) + held + len(self.left_out) == self.count


TestFloorMachine = FloorMachine.TestCase
TestFloorMachine.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
