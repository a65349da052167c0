"""What the cloud may be told when a request does not simply succeed.

The closed list of problem types of RFC 9457, each with a page in `docs/problems/`, and the one
exception, `Rejection`, that names one of them. Nothing here holds a value that came with a
request or from the hospital, except a message that a policy marked as meant for the patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Location = Literal["body", "query", "path", "header"]


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem: its slug, HTTP status and texts in both languages.

    `detail` says what to do, and is what the caller reads unless a rejection is more specific.
    `retryable` means that the same request may succeed later without any change to it; a write
    is repeated with the same Idempotency-Key.
    """

    slug: str
    status: int
    title: str
    title_zh: str
    detail: str
    detail_zh: str
    retryable: bool = False

    @property
    def uri(self) -> str:
        """The `type` member: a URI reference that the gateway answers with the type's page."""
        return f"/problems/{self.slug}"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of a request: where it is and what is wrong, without the value that was sent.

    `pointer` is a JSON Pointer (RFC 6901) into the body; elsewhere it is "/" and the name.
    """

    location: Location
    pointer: str
    detail: str
    detail_zh: str


class Rejection(Exception):
    """The exchange ends here, and the caller is told `slug`.

    `detail` and `detail_zh` replace the type's own. `outcome` is said of writes. `retry_after`
    is in seconds, `reopens_at` RFC 3339. `message` is the hospital's, meant for the patient.
    `reason` is a slug for logs and metrics and never leaves the gateway.
    """

    def __init__(
        self,
        slug: str,
        *,
        detail: str | None = None,
        detail_zh: str | None = None,
        errors: tuple[FieldError, ...] = (),
        outcome: str | None = None,
        retry_after: float | None = None,
        reopens_at: str | None = None,
        message: str | None = None,
        refund_required: bool = False,
        headers: Mapping[str, str] | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(slug)
        self.type = TYPES[slug]
        self.slug = slug
        self.detail = detail
        self.detail_zh = detail_zh
        self.errors = errors
        self.outcome = outcome
        self.retry_after = retry_after
        self.reopens_at = reopens_at
        self.message = message
        self.refund_required = refund_required
        self.headers: Mapping[str, str] = headers or {}
        self.reason = reason


_REFUSALS = (
    ProblemType(
        "slot-taken", 409, "The slot is taken", "号源已被占用",
        "Offer the patient another slot, under a new Idempotency-Key.",
        "请为患者选择其他号源，并使用新的幂等键提交。",
    ),
    ProblemType(
        "not-released", 409, "The slot is not released yet", "号源尚未放出",
        "Try again at the time that the slot's releasesAt gives, under a new Idempotency-Key.",
        "请在号源的放号时间（releasesAt）之后，使用新的幂等键再试。",
    ),
    ProblemType(
        "schedule-stopped", 409, "The schedule is stopped", "已停诊",
        "Read the schedules again and offer the patient another one.",
        "请重新查询排班，并为患者选择其他排班。",
    ),
    ProblemType(
        "daily-limit", 409, "A booking limit is reached", "已达到预约次数上限",
        "Show the patient the hospital's booking rules.",
        "请向患者展示医院的预约规则。",
    ),
    ProblemType(
        "blocked-no-show", 409, "Blocked after missed visits", "因爽约被限制预约",
        "Show the patient the hospital's no-show rule.",
        "请向患者展示医院的爽约规则。",
    ),
    ProblemType(
        "age-or-sex-not-allowed", 409, "Not for this age or sex", "年龄或性别不符合要求",
        "Offer the patient another department or doctor.",
        "请为患者选择其他科室或医生。",
    ),
    ProblemType(
        "identity-mismatch", 409, "The identity does not match", "身份信息不一致",
        "Ask the patient to check name, document, sex and birth date; send them under a new key.",
        "请患者核对姓名、证件、性别和出生日期，再使用新的幂等键提交。",
    ),
    ProblemType(
        "card-exists", 409, "A card exists already", "就诊卡已存在",
        "Search for the card by the phone that the hospital knows; its window changes a phone.",
        "请按患者在医院登记的手机号查找已有的就诊卡；手机号有变更的，请患者到医院窗口修改。",
    ),
    ProblemType(
        "past-cutoff", 409, "Too late for this", "已超过截止时间",
        "The hospital's cut-off time has passed; show the patient the booking rules.",
        "已超过医院规定的截止时间，请向患者展示预约规则。",
    ),
    ProblemType(
        "already-cancelled", 409, "Cancelled already", "已经取消",
        "Read the resource again and show what it says; money taken goes back if refundRequired is "
        "true.",
        "请重新查询并展示其状态；refundRequired 为 true 时，须退还本次收款。",
    ),
    ProblemType(
        "already-paid", 409, "Paid already", "已经支付",
        "Read the resource again; money taken goes back if refundRequired is true.",
        "请重新查询；refundRequired 为 true 时，须退还本次收款。",
    ),
    ProblemType(
        "bill-changed", 409, "The bill has changed", "账单已变更",
        "Read the bill again and ask for a new settlement; money taken goes back if refundRequired "
        "is true.",
        "请重新查询账单并重新发起结算；refundRequired 为 true 时，须退还本次收款。",
    ),
    ProblemType(
        "payment-due", 409, "A payment is due first", "需先完成支付",
        "Let the patient pay what is due, then repeat the request under a new key.",
        "请患者先完成应付款项，再使用新的幂等键提交。",
    ),
    ProblemType(
        "window-only", 409, "Only at the hospital's window", "仅限窗口办理",
        "Send the patient to the hospital's window.",
        "请患者到医院窗口办理。",
    ),
    ProblemType(
        "refused", 409, "The hospital refused", "医院未受理",
        "The hospital refused and changed nothing; a message says why, in words for the patient. "
        "Money taken goes back if refundRequired is true. What is written anew takes a new "
        "Idempotency-Key.",
        "医院未受理，未做任何更改；message 说明原因，可向患者展示。"
        "refundRequired 为 true 时，须退还本次收款；再次提交写请求时，请使用新的幂等键。",
    ),
)  # fmt: skip

_OTHERS = (
    ProblemType(
        "malformed", 400, "The request is malformed", "请求格式错误",
        "The hospital was not asked; correct what errors names, and send HTTP and JSON as the API "
        "document describes.",
        "未向医院提交；请更正 errors 所列之处，并按接口文档发送 HTTP 与 JSON。",
    ),
    ProblemType(
        "unauthenticated", 401, "The caller is not known", "调用方身份未确认",
        "Call through the edge with the client certificate that was agreed.",
        "请使用约定的客户端证书经由入口调用。",
    ),
    ProblemType(
        "forbidden", 403, "Not allowed for this client", "该调用方无此权限",
        "Nothing was done; ask the hospital to grant this client the function, by its operationId.",
        "未做任何处理；请联系医院为该调用方开通此功能，并告知其 operationId。",
    ),
    ProblemType(
        "not-found", 404, "No such resource", "资源不存在",
        "It does not exist, or not for this client and patient card. Check that the ids were given "
        "to this client, under the Patient-Card that is named now.",
        "资源不存在，或不属于该调用方与就诊卡。"
        "请确认所用标识是提供给该调用方、且属于当前 Patient-Card 的。",
    ),
    ProblemType(
        "method-not-allowed", 405, "The method is not allowed here", "不支持的请求方法",
        "Nothing was done; use one of the methods in the Allow header.",
        "未做任何处理；请使用 Allow 头中列出的方法。",
    ),
    ProblemType(
        "body-timeout", 408, "The body came too slowly", "请求体接收超时",
        "Nothing was done; send the whole body at once.",
        "未做任何处理；请一次性发送完整的请求体。",
        retryable=True,
    ),
    ProblemType(
        "too-large", 413, "The body is too large", "请求体过大",
        "Send a smaller body.",
        "请减小请求体。",
    ),
    ProblemType(
        "unsupported-media-type", 415, "The media type is not supported", "不支持的媒体类型",
        "Send a body, as application/json in UTF-8 without a content encoding.",
        "请发送请求体，使用 UTF-8 编码的 application/json，且不使用内容编码。",
    ),
    ProblemType(
        "expectation-failed", 417, "The expectation cannot be met", "无法满足 Expect 头",
        "Send no Expect header, or 100-continue.",
        "请不要发送 Expect 头，或仅发送 100-continue。",
    ),
    ProblemType(
        "invalid", 422, "The request does not fit its schema", "请求不符合接口定义",
        "The hospital was not asked; correct what errors names.",
        "未向医院提交；请按 errors 逐项更正。",
    ),
    ProblemType(
        "key-reused", 422, "The key was used for another request", "幂等键已用于其他请求",
        "The hospital has carried out another request under this key, and that stands; what it was "
        "is told at location. Use a new Idempotency-Key for a new request.",
        "医院已按此幂等键执行了另一请求，该结果仍然有效，可通过 location 查询；"
        "新的请求请使用新的幂等键。",
    ),
    ProblemType(
        "key-required", 428, "An Idempotency-Key is required", "缺少幂等键",
        "Nothing was done; send an Idempotency-Key of 16 to 64 characters with every write.",
        "未做任何处理；每个写请求都须携带 16 至 64 个字符的 Idempotency-Key。",
    ),
    ProblemType(
        "rate-limited", 429, "Too many requests", "请求过于频繁",
        "The hospital was not asked; wait as long as Retry-After says.",
        "未向医院提交；请按 Retry-After 等待后再试。",
        retryable=True,
    ),
    ProblemType(
        "internal", 500, "The gateway failed", "网关内部错误",
        "Report the request id to the hospital's operations; repeat a write with the same "
        "Idempotency-Key only.",
        "请将请求编号告知医院运维人员；写操作只能使用相同的幂等键重试。",
    ),
    ProblemType(
        "upstream-reply-invalid", 502, "The hospital's reply breaks its contract",
        "医院系统的应答不符合约定",
        "Nothing was changed by this read, and its data cannot be told; report the request id to "
        "the hospital's operations.",
        "本次查询未改变任何数据，但无法给出结果；请将请求编号告知医院运维人员。",
    ),
    ProblemType(
        "upstream-failure", 502, "The hospital's system failed", "医院系统处理失败",
        "Nothing was changed by this read; try again later, and report the request id if it lasts.",
        "本次查询未改变任何数据，请稍后重试；如持续出现，请将请求编号告知医院运维人员。",
        retryable=True,
    ),
    ProblemType(
        "not-sent", 503, "The hospital could not be reached", "无法连接医院系统",
        "Nothing was sent to the hospital; try again later, a write with the same Idempotency-Key.",
        "请求未发送至医院，请稍后重试；写操作请使用相同的幂等键。",
        retryable=True,
    ),
    ProblemType(
        "overloaded", 503, "The hospital is busy", "医院系统繁忙",
        "Nothing was sent to the hospital; try again after Retry-After, a write with the same "
        "Idempotency-Key.",
        "请求未发送至医院，请按 Retry-After 等待后重试；写操作请使用相同的幂等键。",
        retryable=True,
    ),
    ProblemType(
        "circuit-open", 503, "The hospital's system is failing", "医院系统暂不可用",
        "Nothing was sent to the hospital; try again after Retry-After, a write with the same "
        "Idempotency-Key.",
        "请求未发送至医院，请按 Retry-After 等待后重试；写操作请使用相同的幂等键。",
        retryable=True,
    ),
    ProblemType(
        "function-closed", 503, "The function is closed", "该功能暂停服务",
        "Nothing was sent to the hospital; offer it again from the time that reopensAt gives, a "
        "write with the same Idempotency-Key.",
        "请求未发送至医院；请在 reopensAt 所示时间之后再提供此功能，写操作请使用相同的幂等键。",
        retryable=True,
    ),
    ProblemType(
        "upstream-timeout", 504, "The hospital did not answer in time", "医院系统应答超时",
        "Nothing was changed by this read; try again later.",
        "本次查询未改变任何数据，请稍后重试。",
        retryable=True,
    ),
    ProblemType(
        "unknown", 202, "How the write ended is not known yet", "写操作的结果尚不明确",
        "The hospital may have acted on it. Ask at the Location until it is known; "
        "do not tell the patient that it failed.",
        "医院可能已处理该请求。请通过 Location 查询直至得到明确结果，切勿告知患者失败。",
    ),
)  # fmt: skip

_EDGE = (
    ProblemType(
        "length-required", 411, "A Content-Length is required", "缺少 Content-Length",
        "Send POST, PUT and PATCH with a Content-Length, 0 without a body.",
        "POST、PUT、PATCH 请求须携带 Content-Length，无请求体时为 0。",
    ),
    ProblemType(
        "uri-too-long", 414, "The target is too long", "请求地址过长",
        "Send a target of at most 4096 bytes.",
        "请求地址不得超过 4096 字节。",
    ),
    ProblemType(
        "headers-too-large", 431, "The header fields are too large", "请求头过大",
        "Send at most 64 header fields and 8192 bytes of them.",
        "请求头不得超过 64 个字段，且合计不得超过 8192 字节。",
    ),
    ProblemType(
        "replica-lost", 502, "The answer was lost", "应答丢失",
        "Repeat a read; repeat a write with the same Idempotency-Key, or ask how it ended.",
        "查询可直接重试；写操作请使用相同的幂等键重试，或查询其结果。",
        retryable=True,
    ),
    ProblemType(
        "unavailable", 503, "No replica is available", "暂无可用实例",
        "Nothing was done; repeat it later, a write with the same Idempotency-Key.",
        "未做任何处理，请稍后重试；写操作请使用相同的幂等键。",
        retryable=True,
    ),
    ProblemType(
        "replica-late", 504, "The answer is late", "应答超时",
        "Repeat a read; repeat a write with the same Idempotency-Key, or ask how it ended.",
        "查询可直接重试；写操作请使用相同的幂等键重试，或查询其结果。",
        retryable=True,
    ),
)  # fmt: skip
"""What the edge alone answers: haproxy/haproxy.cfg has these texts once more."""

TYPES: Final[Mapping[str, ProblemType]] = MappingProxyType(
    {problem.slug: problem for problem in (*_REFUSALS, *_OTHERS, *_EDGE)}
)
"""Every problem type by its slug."""

REFUSALS: Final = frozenset(problem.slug for problem in _REFUSALS) | {"not-found"}
"""What a policy may name for a result code by which the hospital refused: 409, or 404."""
