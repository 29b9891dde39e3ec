"""The shop's two forms."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from typing import Any

from wtforms import BooleanField, DateField, Field, Form, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp, ValidationError

from insurance_reviews.demo_shop.catalogue import Stage
from insurance_reviews.demo_shop.policies import Happening, Order

#: A policy of the demo may have begun so long ago, so that renewals and claims can follow it.
OLDEST_START = timedelta(days=5 * 365)
REQUEST = Regexp(r"[A-Za-z0-9_-]{16,64}\Z", message="页面已过期，请刷新后再提交。")
HAPPENINGS: dict[Stage, str] = {"renewal": "续期缴费", "claim": "理赔结案"}


def _text(value: str | None) -> str | None:
    """As the plugin will keep it, so that a length that is right here is right there."""
    return unicodedata.normalize("NFC", value.strip()) if value else value


def _printable(_: Form, field: Field) -> None:
    if not str(field.data).isprintable():
        raise ValidationError("这里有看不见的字符，请重新输入。")


class DateBetween:
    """The date lies between two others, which the form knows when it is made."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last

    def __call__(self, _: Form, field: Field) -> None:
        # What could not be read is no date, and was refused for that.
        if field.data is not None and not self.first <= field.data <= self.last:
            raise ValidationError(f"请选 {self.first} 到 {self.last} 之间的日期。")


class DayField(DateField):
    """A date; what is none is refused in the shop's language."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("日期要写成 2026-01-31 这样。") from error


class _DatedForm(Form):
    """A form with a date from ``first`` to ``last``, and a name of its own for double clicks."""

    request = HiddenField(validators=[InputRequired(REQUEST.message), REQUEST])
    dated = ""

    def __init__(self, *args: Any, first: date, last: date, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self[self.dated]
        field.validators = [*field.validators, DateBetween(first, last)]
        field.render_kw = {"min": first.isoformat(), "max": last.isoformat()}


class BuyForm(_DatedForm):
    """Buying a policy."""

    dated = "started_on"
    name = StringField(
        "投保人姓名",
        [DataRequired("请填写姓名。"), Length(max=40, message="姓名最多 40 个字。"), _printable],
        filters=[_text],
        description="评价里只显示姓，名字会遮住；也可以选择匿名。",
        render_kw={"autocomplete": "name"},
    )
    email = StringField(
        "电子邮箱",
        [
            DataRequired("请填写邮箱，评价邀请会寄到这里。"),
            Length(max=254, message="邮箱太长了。"),
            Regexp(
                r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z",
                message="邮箱的样子应当像 me@mail.example。",
            ),
            _printable,
        ],
        filters=[_text],
        description="演示不会真的发信，邮件在“收件箱”里看。",
        render_kw={"autocomplete": "email", "type": "email", "spellcheck": "false"},
    )
    started_on = DayField(
        "保单生效日",
        [InputRequired("请选一个日期。")],
        description="可以选过去的日子，之后才好让续期和理赔发生。",
    )
    agreed = BooleanField(
        "我读过上面的条款要点和不保的情形",
        [InputRequired("请先确认读过条款。")],
    )

    def order(self, visitor: str, sku: str) -> Order:
        """What was filled in, once it is valid."""
        assert self.started_on.data is not None, "ask after validating"
        return Order(
            request=str(self.request.data),
            visitor=visitor,
            sku=sku,
            name=str(self.name.data),
            # Mailboxes are told apart by it.
            email=str(self.email.data).casefold(),
            started_on=self.started_on.data,
        )


class HappeningForm(_DatedForm):
    """Letting something happen to a policy."""

    dated = "occurred_on"
    stage = SelectField("发生什么", validate_choice=False)
    occurred_on = DayField("哪一天", [InputRequired("请选一个日期。")])

    def __init__(self, *args: Any, stages: list[Stage], **options: Any) -> None:
        super().__init__(*args, **options)
        self._stages = stages
        self.stage.choices = [(stage, HAPPENINGS[stage]) for stage in stages]

    def validate_stage(self, field: Field) -> None:
        if field.data not in self._stages:
            raise ValidationError("请从列表里选一项。")

    def happening(self) -> Happening:
        """What was chosen, once it is valid."""
        assert self.occurred_on.data is not None, "ask after validating"
        return Happening(str(self.request.data), self.stage.data, self.occurred_on.data)
