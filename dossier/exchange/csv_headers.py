"""The column headings of contact lists, and what each of them means."""

from __future__ import annotations

from typing import NamedTuple

from dossier.domain.text import fold

# Beside each meaning the headings for it, in English (Google's and Outlook's among them), Vietnamese,
# Bulgarian and Chinese. Case, accents, spaces and punctuation do not count: `job_title` is `Job Title`.
_HEADINGS: dict[str, tuple[str, ...]] = {
    "name": (
        *("name", "full name", "contact", "contact name", "display name", "person"),
        *("họ và tên", "họ tên", "tên", "tên đầy đủ", "tên liên hệ", "người liên hệ"),
        *("име", "имена", "три имена", "име и фамилия", "лице за контакт"),
        *("姓名", "名字", "联系人", "聯絡人", "联系人姓名"),
    ),
    "family_name": ("last name", "family name", "surname", "họ", "фамилия", "фамилно име", "姓", "姓氏"),
    "given_name": ("first name", "given name", "forename", "tên riêng", "собствено име", "лично име", "名"),
    "middle_name": ("middle name", "additional name", "tên đệm", "tên lót", "презиме", "бащино име"),
    "organisation": (
        *(
            "company",
            "company name",
            "organisation",
            "organization",
            "organisation name",
            "organization name",
        ),
        *("account", "account name", "employer", "client", "customer", "firm"),
        *("công ty", "tên công ty", "đơn vị", "tổ chức", "cơ quan", "khách hàng"),
        *("фирма", "компания", "организация", "дружество", "клиент"),
        *("公司", "公司名称", "公司名稱", "单位", "單位", "工作单位", "企业", "客户", "客戶"),
    ),
    "position": (
        *("position", "job title", "job", "designation", "organization title", "organisation title"),
        *("chức vụ", "chức danh", "vị trí", "длъжност", "позиция"),
        *("职位", "職位", "职务", "職務", "岗位"),
    ),
    # Outlook has the form of address (Dr., Ms) under this heading, beside `Job Title`.
    "title": ("title",),
    "department": (
        *("department", "dept", "organization department", "organisation department"),
        *("phòng ban", "phòng", "bộ phận", "отдел", "部门", "部門"),
    ),
    "mail": (
        *(
            "email",
            "e-mail",
            "mail",
            "mails",
            "emails",
            "email address",
            "e-mail 2 address",
            "e-mail 3 address",
        ),
        *("work email", "business email", "work mail"),
        *("thư điện tử", "địa chỉ email", "email công ty"),
        *("имейл", "е-поща", "електронна поща", "служебен имейл"),
        *("邮箱", "郵箱", "电子邮件", "電子郵件", "电子邮箱", "邮件", "工作邮箱"),
    ),
    "phone": (
        *("phone", "phones", "phone number", "telephone", "tel", "work phone", "office phone"),
        *("business phone", "business phone 2", "company main phone", "primary phone"),
        *("other phone", "car phone"),
        *("mobile", "mobile phone", "mobile number", "cell", "cell phone", "work mobile"),
        *("điện thoại", "số điện thoại", "sđt", "đt", "di động", "điện thoại di động", "số di động"),
        *("телефон", "тел", "мобилен", "мобилен телефон", "служебен телефон", "gsm", "гсм"),
        *("电话", "電話", "手机", "手機", "手机号", "手机号码", "电话号码", "联系电话", "办公电话"),
    ),
    "private_mail": (
        *("private email", "personal email", "home email", "private mail"),
        *("email cá nhân", "email riêng", "личен имейл", "лична поща", "私人邮箱", "个人邮箱"),
    ),
    "private_phone": (
        *("home phone", "home phone 2", "private phone", "personal phone"),
        *("private mobile", "personal mobile"),
        *("điện thoại nhà", "điện thoại cá nhân", "điện thoại riêng", "домашен телефон", "личен телефон"),
        *("家庭电话", "住宅电话", "私人电话", "个人电话"),
    ),
    "private_address": (
        *("home address", "private address", "địa chỉ nhà", "địa chỉ nhà riêng", "nhà riêng"),
        *("домашен адрес", "家庭住址", "家庭地址", "住址"),
    ),
    "private_address_part": (
        *("home street", "home street 2", "home street 3", "home city", "home state", "home postal code"),
        *("home country", "home country/region"),
    ),
    "birthday": (
        *("birthday", "birth date", "birthdate", "date of birth", "dob", "born", "ngày sinh", "sinh nhật"),
        *("рожден ден", "дата на раждане", "生日", "出生日期"),
    ),
    "note": (
        *("note", "notes", "comment", "comments", "remark", "remarks", "ghi chú", "chú thích"),
        *("бележка", "бележки", "забележка", "забележки", "коментар", "备注", "備註", "备忘", "说明"),
    ),
    "language": ("language", "ngôn ngữ", "език", "语言", "語言"),
    "alias": (
        *("alias", "aliases", "nickname", "biệt danh", "tên gọi khác"),
        *("прякор", "псевдоним", "别名", "昵称", "英文名"),
    ),
    "uid": ("uid",),
}

_GOOGLE_PARTS = {
    "mail": ("e-mail {} - value", "e-mail {} - label", "e-mail {} - type"),
    "phone": ("phone {} - value", "phone {} - label", "phone {} - type"),
    "address": ("address {} - formatted", "address {} - label", "address {} - type"),
}
_GOOGLE_ORGANISATION = {
    "organisation": "organization {} - name",
    "position": "organization {} - title",
    "department": "organization {} - department",
}
_GOOGLE_MOST = 9
"""Google numbers the mails, phones and addresses of a contact; so many of each are read."""

_OUTLOOK = ("First Name", "Last Name", "E-mail Address")
_OUTLOOK_ALSO = ("Business Phone", "Home Phone", "E-mail 2 Address")


def key_of(heading: str) -> str:
    """The heading as it is compared: letters and digits only, folded."""
    return "".join(filter(str.isalnum, fold(heading)))


_MEANINGS = {key_of(heading): meaning for meaning, headings in _HEADINGS.items() for heading in headings}


class Labelled(NamedTuple):
    """A column whose neighbour says what kind of mail, phone or address it holds (Google)."""

    kind: str
    label: int | None
    value: int


class Columns:
    """Where in a row everything stands, found out from the headings.

    `known` counts the headings that are understood; `month_first` tells that the file is one of Google's or
    Outlook's, which write dates as the United States do.
    """

    __slots__ = ("known", "labelled", "month_first", "places", "width")

    def __init__(self, headings: list[str]) -> None:
        keys = [key_of(heading) for heading in headings]
        at: dict[str, int] = {}
        for place, key in enumerate(keys):
            at.setdefault(key, place)
        self.width = len(headings)
        self.places: dict[str, list[int]] = {}
        for place, key in enumerate(keys):
            if meaning := _MEANINGS.get(key):
                self.places.setdefault(meaning, []).append(place)
        self.labelled = _labelled(at)
        for meaning, heading in _GOOGLE_ORGANISATION.items():
            numbered = (at.get(key_of(heading.format(number))) for number in range(1, _GOOGLE_MOST + 1))
            self.places.setdefault(meaning, []).extend(place for place in numbered if place is not None)
        if "title" in self.places and not self.places["position"]:
            self.places["position"] = self.places.pop("title")
        self.known = sum(map(len, self.places.values())) + len(self.labelled)
        self.month_first = bool(self.labelled) or _is_outlook(at)

    @property
    def name_a_person(self) -> bool:
        """Whether any column holds a name."""
        return any(self.places.get(meaning) for meaning in ("name", "family_name", "given_name"))


def _is_outlook(at: dict[str, int]) -> bool:
    always = all(key_of(heading) in at for heading in _OUTLOOK)
    return always and any(key_of(heading) in at for heading in _OUTLOOK_ALSO)


def _labelled(at: dict[str, int]) -> list[Labelled]:
    found = []
    for kind, (value, *labels) in _GOOGLE_PARTS.items():
        for number in range(1, _GOOGLE_MOST + 1):
            place = at.get(key_of(value.format(number)))
            label = next((at[key] for form in labels if (key := key_of(form.format(number))) in at), None)
            if place is not None:
                found.append(Labelled(kind, label, place))
    return found
