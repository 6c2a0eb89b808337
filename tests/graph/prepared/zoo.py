"""A schema of everything that fields can be, can take and can do."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, Generic, NewType, TypeVar, cast

import strawberry
from strawberry import UNSET
from strawberry.dataloader import DataLoader
from strawberry.schema.config import StrawberryConfig

from graph.scalars import date_time
from tests.graph.prepared.chance import (
    Chance,
    Growled,
    Scolded,
    flag,
    integer,
    many,
    moment,
    perhaps,
    real,
    sometimes_odd,
    text,
)

T = TypeVar("T")
Labels = NewType("Labels", dict[str, Any])


@dataclass
class Keeper:
    """The context. `slow`: some resolvers take a while. `calls` tells where resolvers were called."""

    seed: str
    weird: float = 0.0
    slow: bool = False
    calls: list[str] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mates: DataLoader[str, Cat] = DataLoader(self._load, cache=False)

    def __copy__(self) -> "Keeper":
        return replace(self)

    async def _load(self, seeds: list[str]) -> list["Cat"]:
        self.batches.append(len(seeds))
        return [cat(Chance(seed, self.weird)) for seed in seeds]


Info = strawberry.Info[Keeper, None]


def called(info: Info, chance: Chance | None, **given: Any) -> Chance:
    """Note the call, and decide what comes of it by its arguments."""
    keeper = info.context
    keeper.calls.append(".".join(map(str, info.path.as_list())))
    chance = (chance or Chance(keeper.seed, keeper.weird)).below(f"{info.field_name}{given!r}")
    chance.fail()
    return chance


async def calling(info: Info, chance: Chance | None, **given: Any) -> Chance:
    chance = called(info, chance, **given)
    if info.context.slow:
        for _ in range(chance.randint(0, 4)):
            await asyncio.sleep(0)
    return chance


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = 2


@strawberry.enum
class Size(StrEnum):
    SMALL = "SMALL"
    LARGE = "LARGE"


@strawberry.interface
class Named:
    name: str


@strawberry.interface
class Animal(Named):
    id: strawberry.ID
    age: int | None
    colour: Colour
    chance: strawberry.Private[Chance]

    @strawberry.field
    async def friends(self, info: Info, first: int = 2, colour: Colour | None = None) -> list["Animal"]:
        return sometimes_odd(many(animal))(await calling(info, self.chance, first=first, colour=colour))

    @strawberry.field
    def best(self, info: Info) -> "Animal | None":
        return sometimes_odd(perhaps(animal))(called(info, self.chance))


@strawberry.type
class Toy:
    label: str
    price: float | None
    maker: "Named | None"


@strawberry.type
class Cat(Animal):
    lives: int
    weight: float
    tags: list[str]
    grid: list[list[int | None]] | None
    labels: Labels | None
    born: datetime
    size: Size | None
    is_tame: bool
    toys: list[Toy] | None
    favourite: Toy | None

    @strawberry.field
    async def mate(self, info: Info) -> "Cat | None":
        chance = await calling(info, self.chance)
        # Where fields fail, which of them is first is a matter of time: there nothing takes any.
        return cat(chance) if chance.weird else await info.context.mates.load(chance.told)

    @strawberry.field
    async def kittens(self, info: Info, count: int | None = UNSET) -> "list[Cat | None] | None":
        return sometimes_odd(perhaps(many(perhaps(cat))))(await calling(info, self.chance, count=count))

    @strawberry.field
    def sound(self, loud: bool = False) -> str:
        return "MEOW" if loud else "meow"

    @strawberry.field
    async def near(self, info: Info) -> "Annotated[Cat | Dog | Toy, strawberry.union('Near')] | None":
        return sometimes_odd(anything)(await calling(info, self.chance))

    @strawberry.field
    def promised(self, info: Info) -> "Cat | None":
        chance = called(info, self.chance)

        async def promise() -> Cat:
            return cat(chance)

        return cast(Cat, promise())


@strawberry.type
class Dog(Animal):
    size: Size
    bites: bool | None
    owner: Named | None

    @strawberry.field
    async def house(self, info: Info) -> "Box[Cat]":
        return sometimes_odd(box)(await calling(info, self.chance))


class Kitten(Cat):
    """A class that the schema does not know."""


@strawberry.type
class Box(Generic[T]):
    value: T
    items: list[T]
    chance: strawberry.Private[Chance]

    @strawberry.field
    def size(self) -> int:
        return len(self.items)

    @strawberry.field
    async def other(self, info: Info) -> T | None:
        return cast(T | None, sometimes_odd(perhaps(cat))(await calling(info, self.chance)))


@strawberry.type
class Tamed:
    animal: Animal
    times: int


@strawberry.interface
class Failure:
    message: str


@strawberry.type
class Scolding(Failure):
    pass


@strawberry.type
class Growling(Failure):
    loud: bool


TameResult = Annotated[Tamed | Scolding | Growling, strawberry.union("TameResult")]


@strawberry.input(one_of=True)
class By:
    id: strawberry.ID | None = UNSET
    name: str | None = UNSET
    colour: Colour | None = UNSET


@strawberry.input
class Taming:
    name: str
    nick: str | None = UNSET
    colour: Colour = Colour.RED
    size: Size | None = None
    weight: float | None = 1.5
    labels: Labels | None = UNSET
    tags: list[str] | None = UNSET
    by: By | None = UNSET
    many_by: list[By] | None = UNSET
    until: datetime | None = UNSET


@strawberry.input
class Nest:
    name: str | None = UNSET
    inner: "Nest | None" = UNSET


@strawberry.type
class Query:
    @strawberry.field
    async def cat(self, info: Info, id: strawberry.ID, colour: Colour = Colour.RED) -> Cat | None:
        return sometimes_odd(perhaps(cat, 0.1))(await calling(info, None, id=id, colour=colour))

    @strawberry.field
    async def cats(self, info: Info, first: int = 2, where: Taming | None = UNSET) -> list[Cat]:
        return sometimes_odd(many(cat))(await calling(info, None, first=first, where=where))

    @strawberry.field
    async def animals(self, info: Info, by: list[By] | None = None) -> list[Animal | None] | None:
        return sometimes_odd(many(perhaps(animal)))(await calling(info, None, by=by))

    @strawberry.field
    def named(self, info: Info, ids: list[strawberry.ID]) -> list[Named]:
        return sometimes_odd(many(named))(called(info, None, ids=ids))

    @strawberry.field
    async def near(self, info: Info, by: By) -> "Annotated[Cat | Dog | Toy, strawberry.union('Near')]":
        return sometimes_odd(anything)(await calling(info, None, by=by))

    @strawberry.field
    async def box(self, info: Info) -> Box[Cat]:
        return sometimes_odd(box)(await calling(info, None))

    @strawberry.field
    async def text(self, info: Info, value: str | None = "x", labels: Labels | None = UNSET) -> str | None:
        return sometimes_odd(lambda _: value)(await calling(info, None, value=value, labels=labels))

    @strawberry.field
    async def nest(self, info: Info, of: Nest | None = UNSET) -> str:
        return repr((await calling(info, None, of=of)).told)

    @strawberry.field
    async def maybe(self, info: Info, value: strawberry.Maybe[int | None]) -> str:
        return repr((await calling(info, None, value=value)).told)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def tame(
        self,
        info: Info,
        input: Taming,
        times: int = 1,
        tags: list[str] | None = UNSET,
        key: strawberry.ID | None = UNSET,
    ) -> TameResult | None:
        chance = await calling(info, None, input=input, times=times, tags=tags, key=key)
        return sometimes_odd(tamed)(chance)

    @strawberry.mutation
    async def feed(self, info: Info, by: By, amount: float = 1.5, sizes: list[Size] | None = None) -> Cat | None:
        return sometimes_odd(perhaps(cat))(await calling(info, None, by=by, amount=amount, sizes=sizes))

    @strawberry.mutation
    async def release(self, info: Info, id: strawberry.ID) -> bool:
        return sometimes_odd(flag)(await calling(info, None, id=id))

    @strawberry.mutation
    def call(self, info: Info, names: list[str]) -> list[Animal]:
        return sometimes_odd(many(animal))(called(info, None, names=names))


NAMED: Mapping[str, Callable[[Chance], Any]] = {"name": text}
ANIMAL: Mapping[str, Callable[[Chance], Any]] = {
    **NAMED,
    "id": lambda chance: chance.choice(("1", "two", 3)),
    "age": perhaps(integer),
    "colour": lambda chance: chance.choice((Colour.RED, Colour.BLUE, "red")),
}
TOY: Mapping[str, Callable[[Chance], Any]] = {
    "label": text,
    "price": perhaps(real),
    "maker": perhaps(lambda chance: animal(chance)),
}
CAT: Mapping[str, Callable[[Chance], Any]] = {
    **ANIMAL,
    "lives": integer,
    "weight": real,
    "tags": many(text),
    "grid": perhaps(many(many(perhaps(integer)))),
    "labels": lambda chance: chance.choice((None, {}, {"a": 1}, {"no": "label"} if chance.weird else {})),
    "born": moment,
    "size": perhaps(lambda chance: chance.choice((Size.SMALL, Size.LARGE, "SMALL"))),
    "is_tame": flag,
    "toys": perhaps(many(lambda chance: toy(chance))),
    "favourite": perhaps(lambda chance: toy(chance)),
}
DOG: Mapping[str, Callable[[Chance], Any]] = {
    **ANIMAL,
    "size": lambda chance: chance.choice(tuple(Size)),
    "bites": perhaps(flag),
    "owner": perhaps(lambda chance: animal(chance), 0.6),
}


def made(kind: type[T], makers: Mapping[str, Callable[[Chance], Any]], chance: Chance) -> T:
    it = kind.__new__(kind)
    it.chance = chance = chance.next()  # type: ignore[attr-defined]  # of those that have one
    for name, maker in makers.items():
        if not chance.likely(chance.weird / 10):  # else the attribute is missing
            setattr(it, name, sometimes_odd(maker)(chance))
    if chance.likely(chance.weird):
        strawberry.cast(chance.choice((Cat, Dog, Toy, Named)), it)
    return it


def cat(chance: Chance) -> Cat:
    return made(Kitten if chance.likely(0.05) else Cat, CAT, chance)


def dog(chance: Chance) -> Dog:
    return made(Dog, DOG, chance)


def toy(chance: Chance) -> Toy:
    return made(Toy, TOY, chance)


def animal(chance: Chance) -> Animal:
    return cat(chance) if chance.likely(0.6) else dog(chance)


def named(chance: Chance) -> Named:
    return animal(chance)


def anything(chance: Chance) -> Cat | Dog | Toy:
    return cat(chance) if chance.likely(0.4) else dog(chance) if chance.likely(0.5) else toy(chance)


def box(chance: Chance) -> Box[Cat]:
    return made(Box, {"value": cat, "items": many(cat)}, chance)


def tamed(chance: Chance) -> Tamed:
    return made(Tamed, {"animal": animal, "times": integer}, chance)


class Scolds(strawberry.ExceptionHandler[Scolded, Scolding]):
    def handle(self, exception: Scolded, *, field: Any, info: Any) -> Scolding:
        return Scolding(message=f"{exception} at {info.field_name} of {info.context.seed}")


class Growls(strawberry.ExceptionHandler[Growled, Growling]):
    def handle(self, exception: Growled, *, field: Any, info: Any) -> Any:
        async def growling() -> Growling | None:
            return Growling(message=str(exception), loud=True) if str(exception) else None

        return growling()


def _labels(value: Any) -> Any:
    if value == {"bad": "label"}:
        raise TypeError("bad label")
    return None if value == {"no": "label"} else value


schema = strawberry.Schema(
    Query,
    Mutation,
    exception_handlers=[Scolds(), Growls()],
    config=StrawberryConfig(
        scalar_map={
            Labels: strawberry.scalar(name="Labels", serialize=_labels, parse_value=_labels),
            datetime: date_time,
        }
    ),
)
