//! The card that puts a map of a server beneath the layers: 天地图 by name, any by its address, or one of those that a service
//! offers. It says once what asking a server tells it.

use eframe::egui::{self, Align, Key, Layout, Ui, vec2};

use crate::crs::gcj02::WebMap;
use crate::io::underlay::{Address, Service, TIANDITU, TIANDITU_MAPS, ask_service, is_service, without_key};
use crate::scenario::{Underlay, UnderlaySource};
use crate::text::Message;
use crate::ui::look::theme::size;
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::shortcuts::work_card;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::session::command::underlay::UnderlayCommand;
use crate::ui::session::parts::Card;

/// Height of the list of what a service offers, in points.
const LIST_HEIGHT: f32 = 150.0;
/// Width of the words before the fields, in points.
const WORDS: f32 = 96.0;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    /// What is chosen; `None` while the card is closed.
    typed: Option<Typed>,
}

struct Typed {
    /// Whether it is a map by its address, not one of 天地图.
    is_other: bool,
    map: usize,
    /// Whether the tiles are in degrees of CGCS2000.
    is_in_degrees: bool,
    key: String,
    address: String,
    title: String,
    credit: String,
    shift: Option<WebMap>,
    /// What a service offers, by the address that was pasted.
    service: Awaited<String, Service>,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if session.card != Some(Card::Tiles) {
        *state = State::default();
        return;
    }
    // Enter closes cards; here it only ends what is typed.
    ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Enter));
    let typed = state.typed.get_or_insert_with(|| Typed {
        is_other: false,
        map: 0,
        is_in_degrees: true,
        key: session.settings.tianditu_key.clone(),
        address: String::new(),
        title: String::new(),
        credit: String::new(),
        shift: None,
        service: Awaited::default(),
    });
    typed.service.poll();
    let mut done = None;
    work_card(ui, session, "underlay.add-tiles", commands, |ui, session| {
        if !session.settings.servers_allowed {
            widgets::callout(ui, Tone::Warn, session.tr("underlay.tells"));
            ui.add_space(size::STEP);
        }
        row(ui, session.tr("underlay.kind"), |ui| {
            for (is_other, key) in [(false, "underlay.tianditu"), (true, "underlay.other-tiles")] {
                if widgets::segment(ui, session.tr(key), typed.is_other == is_other).clicked() {
                    typed.is_other = is_other;
                }
            }
        });
        let width = ui.available_width() - WORDS - 16.0;
        if typed.is_other {
            if other_ui(ui, session, typed, width) {
                done = Some(Command::Underlay(UnderlayCommand::Allow(true)));
            }
        } else {
            tianditu_ui(ui, session, typed, width);
        }
        ui.add_space(8.0);
        let chosen = typed.chosen(session);
        let right = Layout::right_to_left(Align::Center);
        ui.allocate_ui_with_layout(vec2(ui.available_width(), size::CONTROL), right, |ui| {
            let key = if session.settings.servers_allowed { "underlay.take" } else { "underlay.allow-and-take" };
            let pressed =
                ui.add_enabled_ui(chosen.is_some(), |ui| widgets::primary_button(ui, None, session.tr(key)).clicked());
            if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
                ui.close();
            }
            if let Some((underlay, key)) = chosen.filter(|_| pressed.inner) {
                done = Some(Command::Underlay(UnderlayCommand::Take { underlay: Box::new(underlay), key }));
                ui.close();
            }
        });
    });
    commands.extend(done);
}

fn row(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    crate::ui::look::form::wrapped_row(ui, WORDS, name, content);
}

fn tianditu_ui(ui: &mut Ui, session: &Session, typed: &mut Typed, width: f32) {
    row(ui, session.tr("underlay.map"), |ui| {
        for (at, (_, key)) in TIANDITU_MAPS.iter().enumerate() {
            if widgets::segment(ui, session.tr(key), typed.map == at).clicked() {
                typed.map = at;
            }
        }
    });
    row(ui, session.tr("underlay.set"), |ui| {
        for (is_in_degrees, key) in [(true, "underlay.set-c"), (false, "underlay.set-w")] {
            if widgets::segment(ui, session.tr(key), typed.is_in_degrees == is_in_degrees).clicked() {
                typed.is_in_degrees = is_in_degrees;
            }
        }
    });
    row(ui, session.tr("underlay.key"), |ui| {
        widgets::field(ui, &mut typed.key, None, session.tr("underlay.key-hint"), session.tr("underlay.key"), width);
    });
    widgets::note(ui, session.tr("underlay.key-note"));
}

/// The fields of a map by its address; returns whether the user allows that servers are asked.
fn other_ui(ui: &mut Ui, session: &Session, typed: &mut Typed, width: f32) -> bool {
    let mut allows = false;
    for (key, hint, text) in [
        ("underlay.address", "underlay.address-hint", &mut typed.address),
        ("underlay.name", "underlay.name-hint", &mut typed.title),
        ("underlay.credit-name", "underlay.credit-hint", &mut typed.credit),
    ] {
        row(ui, session.tr(key), |ui| {
            widgets::field(ui, text, None, session.tr(hint), session.tr(key), width);
        });
    }
    if is_service(&typed.address) {
        let key = if session.settings.servers_allowed { "underlay.ask-service" } else { "underlay.allow-and-ask" };
        if !typed.service.is_busy() && widgets::button(ui, None, session.tr(key)).clicked() {
            allows = !session.settings.servers_allowed;
            ask(ui.ctx(), typed);
        }
    }
    service_ui(ui, session, typed);
    row(ui, session.tr("underlay.shift"), |ui| {
        if widgets::segment(ui, session.tr("underlay.shift-none"), typed.shift.is_none()).clicked() {
            typed.shift = None;
        }
        for map in WebMap::ALL {
            if widgets::segment(ui, map.name(), typed.shift == Some(map)).clicked() {
                typed.shift = Some(map);
            }
        }
    });
    if typed.shift.is_some() {
        widgets::callout(ui, Tone::Warn, session.tr("underlay.shift-note"));
    }
    widgets::note(ui, session.tr("underlay.address-note"));
    let is_plain = |text: &&str| !text.is_empty() && !is_service(text);
    if let Some(Err(error)) = Some(typed.address.trim()).filter(is_plain).map(Address::parse) {
        widgets::callout(ui, Tone::Bad, &error.message().text(session.language()));
    }
    allows
}

/// Asks the service at the address what it offers.
fn ask(ctx: &egui::Context, typed: &mut Typed) {
    let address = typed.address.trim().to_owned();
    // A project holds no key: one that was pasted goes to the settings with the map that is taken.
    if let (_, Some(key)) = without_key(&address) {
        typed.key = key;
    }
    let key = typed.key.trim().to_owned();
    typed.service.start_task(ctx, address.clone(), "service", move |progress| ask_service(&address, &key, progress));
}

/// What a service offers, to be chosen from; or why it offers nothing.
fn service_ui(ui: &mut Ui, session: &Session, typed: &mut Typed) {
    if typed.service.is_busy() {
        widgets::note(ui, session.tr("underlay.asking-service"));
        return;
    }
    let is_of_service = typed.service.key().is_some_and(|asked| asked == typed.address.trim());
    if let Some(problem) = typed.service.problem().filter(|_| is_of_service) {
        widgets::callout(ui, Tone::Bad, &problem.message().text(session.language()));
        return;
    }
    let Some(service) = typed.service.value() else { return };
    // Once something else is typed, it is that.
    if !is_of_service && service.offers.iter().all(|offer| offer.address != typed.address) {
        return;
    }
    let mut chosen = None;
    egui::ScrollArea::vertical().id_salt("service").max_height(LIST_HEIGHT).show(ui, |ui| {
        for offer in &service.offers {
            let name = format!("{} · {}", offer.title, offer.set);
            if ui.selectable_label(offer.address == typed.address, name).clicked() {
                chosen = Some((offer.address.clone(), offer.title.clone(), service.credit.clone()));
            }
        }
    });
    if service.left_out > 0 {
        let left_out = Message::new("underlay.service-left-out").with("n", service.left_out);
        widgets::note(ui, &left_out.text(session.language()));
    }
    if let Some((address, title, credit)) = chosen {
        (typed.address, typed.title) = (address, title);
        if typed.credit.trim().is_empty() {
            typed.credit = credit;
        }
    }
}

impl Typed {
    /// What is chosen, and the key that goes with it; `None` while something is missing.
    fn chosen(&self, session: &Session) -> Option<(Underlay, Option<String>)> {
        if !self.is_other {
            let (map, title) = TIANDITU_MAPS[self.map];
            let set = if self.is_in_degrees { "c" } else { "w" };
            let source = UnderlaySource::Tiles(format!("{TIANDITU}{map}_{set}"));
            let title = format!("{} · {}", session.tr("underlay.tianditu"), session.tr(title));
            let key = self.key.trim().to_owned();
            return (!key.is_empty()).then(|| (Underlay::new(title, source), Some(key)));
        }
        // A project holds no key: one that was pasted goes to the settings.
        let (address, key) = without_key(self.address.trim());
        let typed = || Some(self.key.trim().to_owned()).filter(|key| !key.is_empty() && address.contains("{key}"));
        let key = key.or_else(typed);
        let host = Address::parse(&address).ok()?.host().to_owned();
        let title = Some(self.title.trim().to_owned()).filter(|title| !title.is_empty()).unwrap_or(host);
        let underlay = Underlay {
            shift: self.shift,
            credit: self.credit.trim().to_owned(),
            ..Underlay::new(title, UnderlaySource::Tiles(address))
        };
        Some((underlay, key))
    }
}
